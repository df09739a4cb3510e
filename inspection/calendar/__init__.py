"""工作日: dated tables of holidays and make-up days."""
