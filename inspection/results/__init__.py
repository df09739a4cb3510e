"""检验结果: entered, imported, judged, reviewed, approved."""
