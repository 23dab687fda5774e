"""Our functions by the names that the reference cases have for them, each made to take and tell what a case does."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from analytics import funnel
from analytics.churn import annual_churn, cohort_retention, contract_churn, inactivity_churn
from analytics.comparisons import (
    fisher_exact,
    flag_changes,
    mean_change,
    nps_change,
    share_change,
)
from analytics.competence import case_mix, funnel_limits, shrink
from analytics.complaints import rate_change
from analytics.control_charts import cusum_run_length, ewma_run_length, laney_limits
from analytics.display import display_state, displayed, round_half_away
from analytics.distributions import negative_binomial_tail
from analytics.drivers import drivers, leave_out_impact, verdict
from analytics.emerging import Emerging, emerging, overdispersion
from analytics.emerging import alerts as emerging_alerts
from analytics.emerging_words import log_odds
from analytics.intervals import count_interval, nps_variance, wilson_interval
from analytics.monitoring import Alarm, alarms, anomaly_scores, incidents
from analytics.nonresponse import Stratum, bounds, weighted_share
from analytics.periods import day_seconds, local_day, utc_range, week_label
from analytics.quantiles import bucket, quantile, quantile_interval
from analytics.repeat_contacts import Contact, RepeatContacts, first_contact_resolution, repeat_contacts
from analytics.repeated_answers import clustered_share
from analytics.resolution import requester_wait
from analytics.sample_size import answers_for_half_width, minimum_detectable_change
from analytics.scores import (
    Nps,
    ces,
    csat,
    mean_score,
    merge_histograms,
    nps,
    nps_from_histogram,
    share,
    weighted_nps,
)
from analytics.series import Counts, Shares
from analytics.service_levels import share_within_target
from analytics.serving.spans import spread
from analytics.staffing import erlang_c, staffing
from analytics.survival import still_open, survival_quantile
from analytics.tone import Checked, corrected_classes, corrected_share
from analytics.topic_tone import residuals
from analytics.trends import trend
from analytics.volume import forecast, slot_hours
from analytics.waiting import Queue, service_level
from feedback.themes.chance import benjamini_hochberg
from ground.working_time import Hours, intervals, working_seconds


def hist_of(counts: dict[str, int]) -> dict[int, int]:
    return {int(key): count for key, count in counts.items()}


def fields(result: Any, *names: str, **renamed: str) -> dict[str, Any]:
    pairs = {name: name for name in names} | renamed
    return {shown: getattr(result, name) for shown, name in pairs.items()}


def csat_case(*, hist: dict[str, int], scale: str) -> dict[str, Any]:
    return fields(csat(hist_of(hist), scale), "n", "satisfied", "dissatisfied", "lo", "hi", csat="value")


def mean_case(*, hist: dict[str, int], scale: str) -> dict[str, Any]:
    return fields(mean_score(hist_of(hist), scale), "n", "sd", "lo", "hi", "index100", mean="value")


def ces_case(*, hist: dict[str, int], scale: str, reverse: bool = False) -> dict[str, Any]:
    result = ces(hist_of(hist), scale, reverse=reverse)
    return fields(result, "n", agree="value", agree_lo="lo", agree_hi="hi") | {"mean": result.mean.value}


def round_case(*, num: int, den: int, digits: int, scale: int) -> str:
    return str(round_half_away(num, den, digits=digits, scale=scale))


def nps_fields(result: Nps) -> dict[str, Any]:
    shown = displayed(result.value, unit="points", n=result.n)
    return fields(result, "n", "lo", "hi", nps="value") | {"display": None if shown is None else str(shown)}


def nps_of(counts: list[int]) -> Nps:
    promoters, passives, detractors = counts
    return nps(promoters=promoters, passives=passives, detractors=detractors)


def nps_diff_case(*, a: list[int], b: list[int]) -> dict[str, Any]:
    return fields(nps_change(nps_of(a), nps_of(b)), "diff", "z", "p", "lo", "hi", "se")


def share_diff_case(*, x1: int, n1: int, x2: int, n2: int) -> dict[str, Any]:
    return fields(share_change(share(x1, n1), share(x2, n2)), "diff", "lo", "hi", "p", "method")


def welch_case(*, h1: dict[str, int], h2: dict[str, int]) -> dict[str, Any]:
    result = mean_change(mean_score(hist_of(h1), "csat_5"), mean_score(hist_of(h2), "csat_5"))
    return fields(result, "diff", "t", "df", "p", "lo", "hi")


def flags_case(*, pairs: dict[str, list[int]]) -> dict[str, str | None]:
    changes = {key: share_change(share(x1, n1), share(x2, n2)) for key, (x1, n1, x2, n2) in pairs.items()}
    return {key: flag.direction for key, flag in flag_changes(changes).items()}


def funnel_case(**counts: int) -> dict[str, Any]:
    """As the page of invitations adds them up."""
    facts: Counter[str] = Counter()
    for fact, count in counts.items():
        funnel.add(facts, fact, count)
    return {rate: funnel.share_of(rate, facts).value for rate in funnel.RATES} | {"delivered": facts[funnel.DELIVERED]}


def sla_case(*, items: list[tuple[float, float | None]], target: float, asof: float) -> dict[str, Any]:
    result = share_within_target(items, target=target, as_of=asof)
    return fields(result, "met", "missed", "pending") | fields(result.share, "lo", "hi", share="value")


def poststrat_case(*, strata: list[list[int]]) -> dict[str, Any]:
    parts = [Stratum(invited=invited, answered=n, satisfied=x) for invited, n, x in strata]
    return fields(weighted_share(parts), "weighted", "unweighted", "n_eff", "lo", "hi")


def cluster_case(*, clusters: list[tuple[int, int]]) -> dict[str, Any]:
    return fields(clustered_share(clusters), "se", "n_eff", "deff", "lo", "hi", p="value")


def quantile_interval_case(*, xs: list[float], q: float) -> dict[str, Any]:
    return fields(quantile_interval(xs, q), "lo", "hi", "lo_rank", "hi_rank")


def hist_quantile_case(*, h: dict[str, int], q: float) -> float | None:
    """As the pages read percentiles from counts."""
    told = spread(hist_of(h))
    return {0.5: told.half, 0.9: told.nine, 0.95: told.most}[q].value


def service_level_case(**counts: int) -> dict[str, Any]:
    return {key: service_level(Queue(**counts), formula=key).value for key in ("f1", "f2", "f3", "f4", "f5")}


def survival_case(*, durations: list[float], observed: list[int], q: float) -> float | None:
    steps = still_open(zip(durations, (bool(over) for over in observed), strict=True))
    return survival_quantile(steps, q)


def business_case(*, start: str, end: str, week: dict[str, Any], tz: str, holidays: list[str]) -> float:
    free = {dt.date.fromisoformat(day) for day in holidays}
    hours = Hours(
        zone=ZoneInfo(tz),
        week={int(day): intervals(pairs) for day, pairs in week.items()},
        special=lambda day: () if day in free else None,
    )
    return working_seconds(hours, dt.datetime.fromisoformat(start), dt.datetime.fromisoformat(end))


def poisson_case(*, k: int, exposure: float = 1.0) -> dict[str, Any]:
    lo, hi = count_interval(k, exposure)
    return {"rate": k / exposure, "lo": lo, "hi": hi}


def slots_case(*, d0: str, d1: str, tz: str) -> dict[str, float]:
    hours = slot_hours(dt.date.fromisoformat(d0), dt.date.fromisoformat(d1), ZoneInfo(tz))
    return {f"{slot.weekday}-{slot.hour}": found for slot, found in hours.items()}


def erlang_case(*, lam_per_s: float, aht_s: float, agents: int, target_s: float) -> dict[str, Any]:
    found = erlang_c(arrivals=lam_per_s, handle_time=aht_s, agents=agents, target=target_s)
    return fields(found, "load", "occupancy", "p_wait", "asa", "service_level")


def staffing_case(*, lam_per_s: float, aht_s: float, target_s: float) -> dict[str, Any]:
    found = staffing(arrivals=lam_per_s, handle_time=aht_s, target=target_s)
    return fields(found, "agents", "scheduled", "service_level", "occupancy")


def repeats_of(contacts: list[list[Any]], *, days: float, asof: float, same_topic: bool) -> RepeatContacts:
    keys = ("id", "customer", "topic", "start", "end")
    known = [Contact(**dict(zip(keys, contact, strict=True))) for contact in contacts]
    return repeat_contacts(known, window=days, as_of=asof, same_topic=same_topic)


def repeat_case(*, contacts: list[list[Any]], **inputs: Any) -> dict[str, Any]:
    found = repeats_of(contacts, **inputs)
    return {
        "eligible": found.eligible,
        "matured": len(found.mature),
        "followed": sorted(found.followed),
        "repeats": sorted(found.repeats),
        "forward_rate": found.forward.value,
        "backward_share": found.backward.value,
    }


def fcr_case(*, contacts: list[list[Any]], resolved_ids: list[str], **inputs: Any) -> dict[str, Any]:
    found = first_contact_resolution(repeats_of(contacts, **inputs), resolved_ids)
    return fields(found, issues="den", first_contact_resolved="num", fcr="value")


def churn_case(*, active_at_start: list[str], lost: list[str]) -> dict[str, Any]:
    return fields(contract_churn(active_at_start, lost), "lo", "hi", start="den", lost="num", churn="value")


def inactivity_case(**inputs: Any) -> dict[str, Any]:
    found = inactivity_churn(**inputs)
    return {"active_at_start": len(found.active), "churned": sorted(found.churned), "rate": found.share.value}


def rate_ratio_case(*, k1: int, e1: float, k2: int, e2: float) -> dict[str, Any]:
    return fields(rate_change(now=k1, exposure=e1, before=k2, exposure_before=e2), "ratio", "lo", "hi", "p")


def shrink_case(*, xs: list[int], ns: list[int]) -> dict[str, Any]:
    found = shrink([share(x, n) for x, n in zip(xs, ns, strict=True)])
    return fields(found, "mean", "weights", "shrunk", between_var="between_variance")


def case_mix_case(**inputs: float) -> dict[str, Any]:
    return fields(case_mix(**inputs), "adjusted", oe="ratio")


def corrected_case(*, q: float, n: int, se: float, n_se: int, sp: float, n_sp: int) -> dict[str, Any]:
    raw = share(round(q * n), n)
    truth = {"sensitivity": Checked(value=se, n=n_se), "specificity": Checked(value=sp, n=n_sp)}
    return fields(corrected_share(raw, **truth), "lo", "hi", adjusted="value")


def drivers_case(*, X: list[list[int]], y: list[float]) -> dict[str, Any]:
    found = drivers(X, y)
    each = {"coef": "coefficient", "se": "se", "prevalence": "share", "points": "points", "lo": "lo", "hi": "hi"}
    columns = {shown: [getattr(topic, name) for topic in found.topics] for shown, name in each.items()}
    return fields(found, "intercept", "total") | columns


def emerging_case(*, c: int, nc: int, hist: list[int], ns: list[int], rho: float) -> dict[str, Any]:
    found = emerging(c, nc, before=hist, comments_before=ns, rho=rho)
    return fields(found, "p", rate_ratio="ratio", mu="expected", var="variance")


def emerging_flags_case(*, topics: dict[str, dict[str, float]]) -> list[str]:
    found = {
        key: Emerging(mentions=int(of["c"]), expected=1.0, variance=1.0, ratio=of["rate_ratio"], p=of["p"])
        for key, of in topics.items()
    }
    return sorted(emerging_alerts(found))


def log_odds_case(*, yi: dict[str, int], yj: dict[str, int], alpha: dict[str, float]) -> dict[str, Any]:
    return {word: fields(found, "delta", "z") for word, found in log_odds(yi, yj, alpha).items()}


def trend_case(*, ys: list[float]) -> dict[str, Any]:
    # With ties the reference holds no tau: there are several.
    return fields(trend(ys), "slope", "p", **({"tau": "tau"} if len(set(ys)) == len(ys) else {}))


def series_case(*, kind: str, x: list[int], n: list[int] | None = None) -> list[float | None]:
    return anomaly_scores(Counts(x) if kind == "count" else Shares(list(zip(x, n, strict=True))))


def alarms_case(*, z: list[float | None]) -> list[list[Any]]:
    return [[alarm.at, alarm.kind, alarm.direction] for alarm in alarms(z)]


def incidents_case(*, alarms_: list[Any]) -> list[dict[str, Any]]:
    found = [Alarm(at=at, kind=kind, direction=direction, began=at) for at, kind, direction in alarms_]
    return [fields(incident, "first", "last", "direction", "alarms", "kind") for incident in incidents(found)]


def start_case(*, z: list[float | None], alarm_day: int, direction: str, reset: int) -> int:
    """The series holds no alarm before this one, so nothing has been reset."""
    assert reset == -1
    return next(alarm.began for alarm in alarms(z) if (alarm.at, alarm.direction) == (alarm_day, direction))


def run_length_case(*, shift: float, **chart: Any) -> float:
    if "lam" in chart:
        return ewma_run_length(weight=chart["lam"], limit=chart["L"], shift=shift)
    return cusum_run_length(slack=chart["k"], decision=chart["h"], shift=shift)


def laney_case(*, x: list[int], n: list[int]) -> dict[str, Any]:
    return fields(laney_limits(x, n), center="centre", sigma_z="spread", lcl="lo", ucl="hi")


def utc_case(*, d0: str, d1: str, tz: str) -> list[str]:
    moments = utc_range(dt.date.fromisoformat(d0), dt.date.fromisoformat(d1), ZoneInfo(tz))
    return [moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in moments]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "bh": lambda *, pvalues: benjamini_hochberg(pvalues),
    "bucket": lambda *, x: bucket(x),
    "ces": ces_case,
    "csat": csat_case,
    "display_state": display_state,
    "fisher": fisher_exact,
    "flag_changes": flags_case,
    "funnel": funnel_case,
    "hist_quantile": hist_quantile_case,
    "mde_two_props": minimum_detectable_change,
    "mean_score": mean_case,
    "merge_hist": lambda *, parts: merge_histograms(hist_of(part) for part in parts),
    "n_for_halfwidth": lambda *, p, halfwidth: answers_for_half_width(p, halfwidth),
    "nps": lambda **counts: nps_fields(nps(**counts)),
    "nps_diff": nps_diff_case,
    "nps_from_hist": lambda *, hist: nps_fields(nps_from_histogram(hist_of(hist))),
    "nps_variance": nps_variance,
    "prop_diff": share_diff_case,
    "round_half_away": round_case,
    "sla": sla_case,
    "(constant)": run_length_case,
    "alarms": alarms_case,
    "annualise_churn": annual_churn,
    "anomaly_scores": series_case,
    "business_seconds": business_case,
    "change_start": start_case,
    "churn_inactivity": inactivity_case,
    "churn_period": churn_case,
    "cluster_prop": cluster_case,
    "cohort_retention": cohort_retention,
    "confusion_adjust": lambda *, observed, M: corrected_classes(observed, M),
    "day_seconds": lambda *, d, tz: day_seconds(dt.date.fromisoformat(d), ZoneInfo(tz)),
    "drivers": drivers_case,
    "eb_shrink": shrink_case,
    "emerging": emerging_case,
    "emerging_flags": emerging_flags_case,
    "erlang_c": erlang_case,
    "fcr": fcr_case,
    "forecast_weekday": lambda *, history, horizon: forecast(history, horizon=horizon),
    "funnel_limits": lambda *, p0, n: funnel_limits(p0, n),
    "incidents": incidents_case,
    "iso_week": lambda *, d: week_label(dt.date.fromisoformat(d)),
    "km_quantile": survival_case,
    "laney": laney_case,
    "leave_out_impact": lambda *, has_topic, y: leave_out_impact(has_topic, y),
    "local_day": lambda *, ts, tz: local_day(dt.datetime.fromisoformat(ts), ZoneInfo(tz)).isoformat(),
    "log_odds_dirichlet": log_odds_case,
    "manski": lambda **counts: list(bounds(**counts)),
    "nb_sf": lambda *, c, mu, var: negative_binomial_tail(c, mean=mu, variance=var),
    "oe_ratio": case_mix_case,
    "overdispersion_rho": lambda *, hist, ns: overdispersion(hist, ns),
    "poisson_ci": poisson_case,
    "poststrat": poststrat_case,
    "quadrant": verdict,
    "quantile7": lambda *, xs, q: quantile(xs, q),
    "quantile_ci": quantile_interval_case,
    "rate_ratio": rate_ratio_case,
    "repeat_contacts": repeat_case,
    "requester_wait": lambda *, history, end: requester_wait(history, end=end),
    "rogan_gladen": corrected_case,
    "service_level": service_level_case,
    "slot_hours": slots_case,
    "staffing": staffing_case,
    "std_resid": lambda *, table: residuals(table),
    "theil_sen": trend_case,
    "utc_range": utc_case,
    "weighted_nps": lambda **inputs: fields(weighted_nps(**inputs), "n_eff", "lo", "hi", nps="value"),
    "welch": welch_case,
    "wilson": lambda *, x, n, conf=0.95: list(wilson_interval(x, n, conf=conf)),
}
