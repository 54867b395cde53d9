"""What is issued: letters as PDF; WeasyPrint stays behind it."""
