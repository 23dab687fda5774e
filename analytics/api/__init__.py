"""`/api/v1/metrics/`: what each number means; `/api/v1/metrics/<key>/`: its value, change, breakdown and series.

`shapes` says what may be asked and how a number is told, `readers` how each metric is read, `views` are the endpoints.
"""
