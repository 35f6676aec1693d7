// The trend of 满意率 and 评价率: two lines over the months, beside the table that holds the figures.

const data = JSON.parse(document.getElementById("page-data").textContent);
const figure = document.querySelector("[data-trend]");
const meaning = getComputedStyle(document.documentElement);
const colour = (name) => meaning.getPropertyValue(name).trim();
const font = `14px ${getComputedStyle(document.body).fontFamily}`;
const percent = (plot, value) => (value == null ? "—" : `${value.toFixed(2)} %`);

function series(label, stroke, dash, mark) {
  return {
    label,
    stroke,
    dash,
    width: 2.5,
    value: percent,
    points: { show: true, size: mark, fill: colour("--surface"), stroke, width: 2.5 },
    spanGaps: false,
  };
}

function lowest() {
  const all = data.satisfaction.concat(data.rating_rate).filter((each) => each != null);
  return all.length ? Math.max(0, Math.floor((Math.min(...all) - 2) / 10) * 10) : 0;
}

const HEIGHT = 300;
const MOST_WRITTEN = 12;

/** Write each figure beside its point, so that the chart says it on paper too. */
function writeFigures(plot) {
  if (data.months.length > MOST_WRITTEN) return;
  const pixels = window.devicePixelRatio || 1;
  const context = plot.ctx;
  context.save();
  context.font = `500 ${14 * pixels}px ${getComputedStyle(document.body).fontFamily}`;
  context.textAlign = "center";
  [["satisfaction", "--action", 22], ["rating_rate", "--called", -12]].forEach(([name, meant, down]) => {
    context.fillStyle = colour(meant);
    data[name].forEach((value, place) => {
      if (value == null) return;
      const x = plot.valToPos(place, "x", true);
      context.fillText(value.toFixed(2), x, plot.valToPos(value, "y", true) + down * pixels);
    });
  });
  context.restore();
}

if (figure) {
  const places = data.months.map((_, place) => place);
  const options = {
    width: figure.clientWidth,
    height: HEIGHT,
    cursor: { drag: { x: false, y: false } },
    scales: {
      x: { time: false, range: [-0.4, places.length - 0.6] },
      y: { range: [lowest(), 100] },
    },
    legend: { show: false },
    hooks: { draw: [writeFigures] },
    axes: [
      {
        font,
        stroke: colour("--text-quiet"),
        size: 36,
        grid: { show: false },
        ticks: { show: false },
        splits: () => places,
        values: (plot, splits) => splits.map((place) => data.months[place] || ""),
      },
      {
        font,
        size: 64,
        stroke: colour("--text-quiet"),
        grid: { stroke: colour("--line"), width: 1 },
        ticks: { show: false },
        values: (plot, splits) => splits.map((value) => `${value} %`),
      },
    ],
    series: [
      { label: "月份", value: (plot, place) => (place == null ? "" : data.months[place]) },
      series("满意率", colour("--action"), undefined, 9),
      series("评价率", colour("--called"), [8, 5], 7),
    ],
  };
  const plot = new uPlot(options, [places, data.satisfaction, data.rating_rate], figure);
  window.addEventListener("resize", () => plot.setSize({ width: figure.clientWidth, height: HEIGHT }));
}
