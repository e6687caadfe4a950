// Charts of headquarters. A <figure class="k-chart" data-chart="bar|bars|line|curve|scatter" data-h="220"> holds a table, and the
// picture is drawn from it: screen readers, printers and browsers without scripts have the same figures. The first
// column names the places on the axis, each further column is a series; a row with data-mark gets that word.
// Colours are the tokens', so both themes work. Loaded only by pages that have charts.
import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, ScatterChart, GridComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

const chinese = document.documentElement.lang.startsWith("zh");
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--koi-${name}`).trim();
const figure = (text) => (/^\s*[–-]?\s*$/.test(text) ? null : Number(text.replace(/[,%\s]/g, "").replace("\u2212", "-")));

function short(value) {
  if (chinese && value >= 10_000) return `${(value / 10_000).toFixed(1).replace(".0", "")}万`;
  return !chinese && value >= 1000 ? `${value / 1000}k` : value.toLocaleString("en-US");
}

function read(table) {
  const rows = [...table.tBodies[0].rows];
  const cells = rows.map((row) => [...row.cells].map((cell) => cell.dataset.value ?? cell.textContent.trim()));
  return {
    heads: [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim()),
    names: cells.map((row) => row[0]),
    column: (index) => cells.map((row) => figure(row[index] ?? "")),
    marks: rows.map((row) => row.dataset.mark),
    unit: table.dataset.unit ?? "",
  };
}

const font = (more) => ({ fontFamily: token("font"), fontSize: 11, color: token("ink-3"), ...more });
const axis = (more) => ({ axisLine: { lineStyle: { color: token("line") } }, axisTick: { show: false }, axisLabel: font(), splitLine: { show: false }, ...more });
const values = (unit, more) => axis({ type: "value", axisLine: { show: false }, splitLine: { lineStyle: { color: token("line") } }, splitNumber: 3, minInterval: unit ? 0 : 1, axisLabel: font({ formatter: (value) => short(value) + unit }), ...more });
const places = (names, more) => axis({ type: "category", data: names, axisLabel: font({ interval: Math.max(0, Math.ceil(names.length / 8) - 1) }), ...more });

const common = () => ({
  animation: false,
  textStyle: font(),
  grid: { left: 4, right: 12, top: 18, bottom: 4, containLabel: true },
  tooltip: {
    // drawn, not HTML: ECharts writes style attributes into its HTML, which the page's policy refuses
    renderMode: "richText", trigger: "axis", confine: true, backgroundColor: token("raised"), borderColor: token("line"), borderWidth: 1,
    textStyle: { color: token("ink"), fontSize: 12, fontFamily: token("font") }, axisPointer: { lineStyle: { color: token("line-strong") } },
  },
});

const COLOURS = ["series-1", "series-2", "series-3", "series-4", "series-5"];
const line = (table, index, more) => {
  const color = token(COLOURS[(index - 1) % COLOURS.length]);
  const first = index === 1;
  return { type: "line", name: table.heads[index], data: table.column(index), symbol: "none", itemStyle: { color }, lineStyle: { color, width: first ? 2 : 1.5, type: index === 2 ? "dashed" : "solid" }, ...more };
};
const series = (table) => table.heads.slice(1).map((_head, at) => at + 1);

const KINDS = {
  // bars are this campaign, a line is what it is held against
  bar: (table) => ({
    ...common(),
    xAxis: places(table.names),
    yAxis: values(table.unit),
    series: series(table).map((index) =>
      index === 1
        ? { type: "bar", name: table.heads[1], data: table.column(1), itemStyle: { color: token("series-1"), borderRadius: [2, 2, 0, 0] }, barCategoryGap: "28%", barMaxWidth: 36 }
        : line(table, index, { lineStyle: { width: 1.5, color: token(COLOURS[index - 1]) } }),
    ),
  }),
  // groups beside each other, none of which is what the others are held against
  bars: (table) => ({
    ...common(),
    xAxis: places(table.names),
    yAxis: values(table.unit),
    series: series(table).map((index) => ({ type: "bar", name: table.heads[index], data: table.column(index), itemStyle: { color: token(COLOURS[index - 1]), borderRadius: [2, 2, 0, 0] }, barGap: "8%", barCategoryGap: "24%", barMaxWidth: 22 })),
  }),
  // lines over a measure from 0 to 100 percent, each point where it is and not one place after the other
  curve: (table) => {
    const across = table.names.map(figure);
    const percent = (value) => `${Math.round(value * 10) / 10}%`;
    return {
      ...common(),
      grid: { ...common().grid, right: 22 },
      tooltip: { ...common().tooltip, valueFormatter: percent, axisPointer: { ...common().tooltip.axisPointer, label: { show: false } } },
      xAxis: values("%", { min: 0, max: 100, interval: 20, splitLine: { show: false }, axisLine: { show: true, lineStyle: { color: token("line") } } }),
      yAxis: values("%", { min: 0, max: 100, interval: 20 }),
      series: series(table).map((index) => line(table, index, { data: [[0, 0], ...across.map((place, at) => [place, table.column(index)[at]])] })),
    };
  },
  line: (table) => {
    const data = table.marks.flatMap((word, at) => (word ? [{ xAxis: table.names[at], label: font({ formatter: word, position: "end", rotate: 0, distance: 4 }) }] : []));
    const markLine = { silent: true, symbol: "none", lineStyle: { color: token("line-strong"), type: "solid", width: 1 }, data };
    return {
      ...common(),
      xAxis: places(table.names, { boundaryGap: false }),
      yAxis: values(table.unit, { min: 0 }),
      series: series(table).map((index) => line(table, index, index === 1 ? { markLine } : {})),
    };
  },
  // one dot per row: first figure across, second up; rows with a mark are named and filled with the accent
  scatter: (table) => {
    const dots = table.names.map((name, at) => ({ name, value: [table.column(1)[at], table.column(2)[at]], mark: table.marks[at] }));
    const label = { show: true, position: "right", formatter: "{b}", ...font({ color: token("ink") }) };
    const set = (marked, more) => ({ type: "scatter", data: dots.filter((dot) => Boolean(dot.mark) === marked), ...more });
    const tooltip = { ...common().tooltip, trigger: "item", formatter: (dot) => `${dot.name}\n${table.heads[1]} ${dot.value[0]} · ${table.heads[2]} ${dot.value[1]}` };
    return {
      ...common(),
      tooltip,
      grid: { left: 6, right: 14, top: 10, bottom: 22, containLabel: true },
      xAxis: values("", { name: table.heads[1], nameLocation: "middle", nameGap: 24, nameTextStyle: font(), splitLine: { show: false } }),
      yAxis: values(""),
      series: [
        set(false, { symbolSize: 7, itemStyle: { color: token("series-2"), opacity: 0.4 } }),
        set(true, { symbolSize: 10, itemStyle: { color: token("series-1") }, label }),
      ],
    };
  },
};

const drawn = new Map();

function draw(box) {
  const place = box.querySelector(".k-chart-canvas");
  const table = box.querySelector("table");
  const kind = KINDS[box.dataset.chart];
  if (!place || !table || !kind) return;
  const chart = drawn.get(box) ?? init(place);
  chart.setOption(kind(read(table)), true);
  drawn.set(box, chart);
}

function drawAll() {
  for (const [box, chart] of drawn) {
    if (box.isConnected) continue;
    chart.dispose();
    drawn.delete(box);
  }
  document.querySelectorAll("figure[data-chart]").forEach(draw);
}

drawAll();
addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
addEventListener("htmx:afterSettle", drawAll);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
