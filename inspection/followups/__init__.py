"""后处理: notices, retest, disposal cases."""
