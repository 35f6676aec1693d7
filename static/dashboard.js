// The dashboard's charts, drawn as SVG beside the tables that hold the same figures.

const data = JSON.parse(document.getElementById("page-data").textContent);
const meaning = getComputedStyle(document.documentElement);
const colour = (name) => meaning.getPropertyValue(name).trim();
const family = getComputedStyle(document.body).fontFamily;
const words = { fontFamily: family, fontSize: 13, color: colour("--text") };
const quiet = { ...words, color: colour("--text-quiet") };
const hair = { lineStyle: { color: colour("--line") } };
const PAPER = { whole: { width: 690, height: 230 }, half: { width: 330, height: 220 } }; // A4 between its margins, dashboard.css
// from very satisfied to very dissatisfied; decals tell them apart without colour
const LEVELS = ["--green-600", "--green-300", "--blue-200", "--amber-400", "--red-600"].map(colour);
const percent = (value) => (value == null ? "—" : `${value.toFixed(2)} %`);

function base(description, decals = true) {
  return {
    animation: false,
    textStyle: words,
    aria: { enabled: true, decal: { show: decals }, label: { description } },
    // HTML tips would carry inline styles, which the page's policy forbids
    tooltip: { renderMode: "richText", textStyle: words, confine: true },
  };
}

const category = (names, more = {}) => ({
  type: "category",
  data: names,
  axisTick: { show: false },
  axisLine: hair,
  axisLabel: quiet,
  ...more,
});
const amounts = (more = {}) => ({ type: "value", axisLabel: quiet, splitLine: hair, minInterval: 1, ...more });

function course({ steps, satisfaction, rating_rate: ratingRate }) {
  const all = satisfaction.concat(ratingRate).filter((each) => each != null);
  const lowest = Math.max(0, Math.floor((Math.min(...all) - 2) / 10) * 10);
  const few = steps.length <= 14;
  const line = (name, values, meant, symbol, type, position) => ({
    name,
    type: "line",
    data: values,
    symbol,
    symbolSize: 8,
    lineStyle: { width: 2.5, type },
    itemStyle: { color: colour(meant) },
    label: { show: few, position, color: colour(meant), fontFamily: family, formatter: ({ value }) => value.toFixed(2) },
    labelLayout: { hideOverlap: true },
  });
  return {
    ...base(`满意率与评价率走势，共 ${steps.length} 个点，数据见下表。`),
    legend: { top: 0, left: 0, textStyle: words, itemWidth: 36 },
    grid: { left: 56, right: 24, top: 64, bottom: 32 },
    tooltip: { ...base("").tooltip, trigger: "axis", valueFormatter: percent },
    xAxis: category(steps, { boundaryGap: few }),
    yAxis: {
      type: "value",
      min: lowest,
      max: 100,
      // an axis that leaves its lower part out says so where it begins
      name: lowest ? `纵轴从 ${lowest} % 起` : "",
      nameGap: 12,
      nameTextStyle: { ...quiet, align: "left", padding: [0, 0, 0, -52] },
      axisLabel: { ...quiet, formatter: "{value} %" },
      splitLine: hair,
    },
    series: [
      line("满意率", satisfaction, "--action", "circle", "solid", "top"),
      line("评价率", ratingRate, "--called", "diamond", "dashed", "bottom"),
    ],
  };
}

function levels({ windows, keys, series }) {
  const many = windows.length > 16;
  return {
    ...base(`${windows.length} 个窗口的评价等级，数据见下表。`),
    legend: { top: 0, left: 0, textStyle: words },
    grid: { left: 56, right: 16, top: 48, bottom: many ? 40 : 56 },
    tooltip: {
      ...base("").tooltip,
      trigger: "axis",
      axisPointer: { type: "shadow" },
      formatter: (found) => [windows[found[0].dataIndex], ...found.map((each) => `${each.seriesName} ${each.value}`)].join("\n"),
    },
    xAxis: category(many ? keys : windows, {
      name: many ? "窗口号" : "",
      nameLocation: "middle",
      nameGap: 26,
      nameTextStyle: quiet,
      axisLabel: { ...quiet, hideOverlap: true, interval: many ? "auto" : 0, width: 96, overflow: many ? "none" : "break" },
    }),
    yAxis: amounts(),
    series: series.map((each, place) => ({
      name: each.name,
      type: "bar",
      stack: "levels",
      barMaxWidth: 48,
      data: each.counts,
      itemStyle: { color: LEVELS[place] },
    })),
  };
}

/** The two lines of a cell: how long, and below it of how many tickets. */
function inks(color) {
  return {
    color,
    rich: {
      wait: { fontSize: 13, lineHeight: 16, color },
      called: { fontSize: 11, lineHeight: 13, color },
    },
  };
}

function heat({ hours, weekdays, cells, full }) {
  const worked = weekdays.filter((_, place) => cells.some((each) => each[1] === place + 1));
  const most = Math.max(0, ...cells.map((each) => each[2]));
  return {
    // each cell says its number: a decal would only make it hard to read
    ...base(`按星期和钟点的平均等候分钟数，最长 ${most} 分钟，数据见下表。`, false),
    grid: { left: 56, right: 24, top: 16, bottom: 80 },
    tooltip: {
      ...base("").tooltip,
      formatter: ({ data: { value: [hour, day, wait, called] } }) =>
        `${worked[day]} ${hours[hour]}:00–${hours[hour] + 1}:00\n平均等候 ${wait.toFixed(1)} 分钟\n叫号 ${called}`,
    },
    xAxis: category(hours.map((each) => `${each}:00`), { splitArea: { show: false } }),
    yAxis: category(worked, { inverse: true }),
    visualMap: {
      min: 0,
      max: full,
      dimension: 2,
      orient: "horizontal",
      left: "center",
      bottom: 0,
      calculable: false,
      text: [most > full ? `${full} 分钟及以上（最长 ${most.toFixed(1)}）` : `${full} 分钟`, "0"],
      textStyle: quiet,
      inRange: { color: ["--green-50", "--amber-200", "--amber-500", "--red-700"].map(colour) },
    },
    series: [
      {
        type: "heatmap",
        data: cells.map(([hour, day, wait, called]) => ({
          value: [hours.indexOf(hour), worked.indexOf(weekdays[day - 1]), wait, called],
          // dark ground, light figure: 4.5:1 on every step of the scale
          label: inks(wait > full * 0.75 ? colour("--white") : colour("--grey-900")),
        })),
        label: {
          show: true,
          fontFamily: family,
          formatter: ({ data: { value } }) => `{wait|${value[2].toFixed(1)}}\n{called|${value[3]} 件}`,
        },
        itemStyle: { borderColor: colour("--surface"), borderWidth: 2 },
      },
    ],
  };
}

/** Bars that lie, with their words at the left and their numbers at the end. */
function lying(description, pairs, meant, room = 112) {
  return {
    ...base(`${description}，数据见下表。`),
    grid: { left: room, right: 56, top: 8, bottom: 8 },
    tooltip: { ...base("").tooltip, formatter: ({ name, value }) => `${name} ${value}` },
    xAxis: amounts({ show: false }),
    yAxis: category(
      pairs.map(([word]) => word),
      { inverse: true, axisLine: { show: false }, axisLabel: { ...words, width: room - 16, overflow: "truncate" } },
    ),
    series: [
      {
        type: "bar",
        barMaxWidth: 22,
        data: pairs.map((each) => each[each.length - 1]),
        itemStyle: { color: colour(meant) },
        label: { show: true, position: "right", ...words, fontWeight: 700 },
      },
    ],
  };
}

const DRAW = {
  course,
  levels,
  heat,
  channels: (told) => lying("各渠道的有效评价", told, "--blue-500"),
  pipeline: (told) => lying("差评所处的状态", told, "--amber-500", 96),
  good_tags: (told) => lying("好评标签", told, "--green-500", 208),
  bad_tags: (told) => lying("差评标签", told, "--red-500", 208),
};

const drawn = [...document.querySelectorAll("[data-chart]")].map((place) => {
  const told = data[place.dataset.chart];
  const chart = window.echarts.init(place, null, { renderer: "svg" });
  chart.setOption(DRAW[place.dataset.chart](told));
  place.dataset.drawn = "";
  return chart;
});

const fit = () => drawn.forEach((chart) => chart.resize());
window.addEventListener("resize", fit);

// Paper is narrower than a screen; it is printed before the next frame would draw.
function redraw(sizeOf) {
  drawn.forEach((chart) => {
    chart.resize(sizeOf(chart.getDom()));
    chart.getZr().refreshImmediately();
  });
}

// Nobody opens a table on paper: each stands below its chart.
const closed = [...document.querySelectorAll(".drawing details:not([open])")];
function open(whether) {
  closed.forEach((each) => {
    each.open = whether;
  });
}

function onPaper(place) {
  const size = place.closest(".whole") ? PAPER.whole : PAPER.half;
  return place.classList.contains("heat") ? { ...size, height: 300 } : size;
}

window.addEventListener("beforeprint", () => {
  open(true);
  redraw(onPaper);
});
window.addEventListener("afterprint", () => {
  open(false);
  redraw(() => ({ width: "auto", height: "auto" }));
});
