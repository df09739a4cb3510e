"""读入上传文件: strict reading of uploaded CSV and XLSX files, the same for every stage.

Bytes in, values out: no web, no database. `guard` refuses what is dangerous, `reader` gives cells with their places,
`columns` says what a column is, `preview` tells good rows from bad ones, `workbook` gives the bad ones back.
"""
