// Trends that the server drew become charts to point at: ECharts is fetched when the page is idle, and only where there is
// a trend. Words and numbers come from the server as they stand in the table; without this script nothing is missing.
const LIBRARY = document.currentScript.dataset.library;
const live = [];

function colours(element) {
  const style = getComputedStyle(element);
  return (name) => style.getPropertyValue(`--${name}`).trim();
}

function option(told, colour, goesOn) {
  const texts = told.points.map((point) => point.text);
  const text = {color: colour("ink3"), fontSize: 11, fontFamily: "inherit"};
  // An area needs two neighbours: a week alone keeps its interval as an upright line.
  const missing = (point) => !point || point.value === null;
  const alone = told.points.filter((point, index, all) => !missing(point) && missing(all[index - 1]) && missing(all[index + 1]));
  const band = {type: "line", stack: "band", stackStrategy: "all", symbol: "none", silent: true, lineStyle: {opacity: 0}};
  return {
    animation: false,
    grid: {left: 0, right: 0, top: 4, bottom: 24, outerBoundsMode: "none"},
    xAxis: {
      type: "value", min: 0, max: told.days, axisLine: {show: false}, axisTick: {show: false}, splitLine: {show: false},
      axisLabel: {show: false}, axisPointer: {show: true, snap: true, label: {show: false}, lineStyle: {color: colour("ink3")}},
    },
    yAxis: {type: "value", min: told.axis[0], max: told.axis[1], show: false},
    tooltip: {
      trigger: "axis", renderMode: "richText", confine: true, backgroundColor: colour("card"), borderColor: colour("line2"),
      textStyle: {color: colour("ink"), fontSize: 12, fontFamily: getComputedStyle(document.body).fontFamily},
      formatter: (found) => texts[found[0].dataIndex],
    },
    series: [
      {...band, data: told.points.map(({x, lo}) => [x, lo])},
      {...band, data: told.points.map(({x, lo, hi}) => [x, hi === null ? null : hi - lo]), areaStyle: {color: colour("band"), opacity: 1}},
      {
        type: "line", z: 3, symbol: "circle", showAllSymbol: true, lineStyle: {color: colour("series"), width: 1.6},
        data: told.points.map(({x, value, weak}, index) => ({
          value: [x, value], symbolSize: weak ? 7 : 5,
          itemStyle: goesOn && index === told.points.length - 1 ? {color: colour("card"), borderColor: colour("series"), borderWidth: 1.3, borderType: "dashed"} : weak ? {color: colour("card"), borderColor: colour("weak"), borderWidth: 1.3} : {color: colour("series")},
        })),
        emphasis: {scale: 1.6},
        markLine: {
          silent: true, z: 2, symbol: "none", label: {show: false}, lineStyle: {color: colour("band"), width: 8, type: "solid"},
          data: alone.map(({x, lo, hi}) => [{coord: [x, lo]}, {coord: [x, hi]}]),
        },
      },
    ],
    textStyle: text,
  };
}

function draw(figure) {
  const told = JSON.parse(figure.dataset.chart);
  const place = figure.querySelector(".live");
  const said = figure.querySelector(".said");
  const chart = echarts.init(place, null, {renderer: "svg"});
  const shown = told.points.flatMap(({value}, index) => (value === null ? [] : [index]));
  let at = -1;
  const paint = () => chart.setOption(option(told, colours(figure), figure.classList.contains("goes-on")), true);
  const point = (index) => {
    at = index;
    chart.dispatchAction({type: "showTip", seriesIndex: 2, dataIndex: shown[at]});
    said.textContent = told.points[shown[at]].text.replaceAll("\n", ", ");
  };
  place.tabIndex = 0;
  place.addEventListener("keydown", (event) => {
    const last = shown.length - 1;
    const to = {ArrowLeft: at < 0 ? last : Math.max(at - 1, 0), ArrowRight: Math.min(at + 1, last), Home: 0, End: last}[event.key];
    if (to !== undefined) {
      event.preventDefault();
      point(to);
    } else if (event.key === "Escape") chart.dispatchAction({type: "hideTip"});
  });
  place.addEventListener("blur", () => chart.dispatchAction({type: "hideTip"}));
  paint();
  figure.classList.add("is-live");
  figure.querySelector("svg.trend").setAttribute("aria-hidden", "true");
  new ResizeObserver(() => chart.resize()).observe(place);
  live.push(paint);
}

function begin() {
  const figures = document.querySelectorAll('figure[data-chart]:not([data-chart=""])');
  if (!figures.length) return;
  const script = document.createElement("script");
  script.src = LIBRARY;
  script.onload = () => {
    figures.forEach(draw);
    new MutationObserver(() => live.forEach((paint) => paint())).observe(document.documentElement, {attributeFilter: ["class"]});
  };
  document.head.append(script);
}

addEventListener("load", () => (window.requestIdleCallback || setTimeout)(begin));
