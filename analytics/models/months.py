"""Which months of the counts are summed."""

from django.db import models


class MonthSum(models.Model):
    """A month of one scope (`analytics.months`); while `holds`, its sums equal the counts of its days."""

    scope = models.CharField(max_length=16)
    month = models.DateField()
    holds = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "month"], name="analytics_monthsum_once")]

    def __str__(self) -> str:
        return f"{self.scope} {self.month:%Y-%m}"
