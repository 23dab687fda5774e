"""`manage.py up`: every process of Otklik under one foreground process."""
