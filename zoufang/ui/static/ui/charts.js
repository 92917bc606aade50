// Draws <figure data-chart> from its JSON with ECharts; the table beside it stays the accessible form of the same.
// No inline styles (the content security policy forbids them): canvas, and tooltips as rich text.
"use strict";
(() => {
  if (!window.echarts) return;
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const tones = () => (document.documentElement.getAttribute("data-bs-theme") === "dark"
    ? ["#74b4d0", "#c9b27a", "#8fc0a5", "#b3a6cf", "#9aa8b1", "#d09a84"]
    : ["#1d5c78", "#b08a3a", "#4f8f6d", "#75689c", "#8595a0", "#a8684d"]);

  function frame(chart) {
    const line = { lineStyle: { color: token("line") } };
    return {
      animation: false,
      color: tones(),
      textStyle: { color: token("ink-2"), fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 8, right: 16, top: chart.series.length > 1 ? 36 : 16, bottom: 4, containLabel: true },
      tooltip: {
        trigger: "axis", renderMode: "richText", confine: true, axisPointer: { type: "shadow", shadowStyle: { opacity: .08 } },
        backgroundColor: token("surface"), borderColor: token("line-strong"), textStyle: { color: token("ink") },
      },
      legend: chart.series.length > 1 ? { top: 0, left: 0, itemWidth: 14, itemHeight: 8, textStyle: { color: token("ink-2") } } : undefined,
      xAxis: { type: "category", data: chart.labels, axisLine: line, axisTick: { show: false }, axisLabel: { color: token("ink-2"), hideOverlap: true } },
      yAxis: { type: "value", minInterval: 1, splitLine: line, axisLabel: { color: token("ink-2") } },
    };
  }
  const item = (one, at) => ({ value: one.values[at], url: one.urls[at] || "" });
  const builders = {
    bar: (chart) => {
      const option = frame(chart);
      option.series = chart.series.map((one) => ({
        name: one.name, type: "bar", barMaxWidth: 28, itemStyle: { borderRadius: [3, 3, 0, 0] },
        cursor: one.urls.length ? "pointer" : "default", data: one.values.map((_, at) => item(one, at)),
      }));
      if (chart.labels.length > 12 || chart.labels.some((label) => label.length > 6)) {
        [option.xAxis, option.yAxis] = [option.yAxis, { ...option.xAxis, inverse: true, axisLabel: { color: token("ink-2"), interval: 0 } }];
        option.series.forEach((one) => { one.itemStyle.borderRadius = [0, 3, 3, 0]; });
      }
      return option;
    },
    line: (chart) => {
      const option = frame(chart);
      option.xAxis.boundaryGap = false;
      Object.assign(option.xAxis.axisLabel, { alignMinLabel: "left", alignMaxLabel: "right" });
      option.grid.right = 24;
      option.tooltip.axisPointer = { type: "line", lineStyle: { color: token("line-strong") } };
      option.series = chart.series.map((one) => ({
        name: one.name, type: "line", symbol: "circle", symbolSize: 7, lineStyle: { width: 2 }, connectNulls: false,
        cursor: one.urls.length ? "pointer" : "default", data: one.values.map((_, at) => item(one, at)),
      }));
      return option;
    },
    heat: (chart) => {
      const option = frame(chart);
      const most = Math.max(1, ...chart.series.flatMap((one) => one.values.map((value) => value || 0)));
      option.legend = undefined;
      option.grid.top = 8;
      option.grid.bottom = 36;
      option.tooltip.trigger = "item";
      option.tooltip.formatter = (hit) => `${chart.series[hit.value[1]].name} · ${chart.labels[hit.value[0]]}\n${hit.value[2]} ${chart.per}`;
      option.yAxis = {
        type: "category", data: chart.series.map((one) => one.name), inverse: true, axisLine: { show: false },
        axisTick: { show: false }, axisLabel: { color: token("ink-2") },
      };
      option.visualMap = {
        min: 0, max: most, orient: "horizontal", left: 8, bottom: 0, itemHeight: 90, itemWidth: 10, calculable: false,
        text: [String(most), "0"], textStyle: { color: token("ink-2") }, inRange: { color: [token("surface-2"), token("accent")] },
      };
      option.series = [{
        type: "heatmap", itemStyle: { borderColor: token("surface"), borderWidth: 2 },
        emphasis: { itemStyle: { borderColor: token("accent-ink") } },
        data: chart.series.flatMap((one, y) => one.values.map((value, x) => ({
          value: [x, y, value === null ? "-" : value], url: one.urls[x] || "",
        }))),
      }];
      return option;
    },
  };

  function draw(figure) {
    const source = document.querySelector(figure.dataset.source);
    const chart = JSON.parse(source.textContent);
    if (!chart.labels.length) return;
    const canvas = figure.querySelector(".plot-canvas");
    figure.classList.add("is-drawn");
    const lines = chart.kind === "heat" ? chart.series.length : chart.labels.length;
    const option = builders[figure.dataset.chart](chart);
    const sideways = option.yAxis.type === "category";
    const plot = window.echarts.init(canvas, null, {
      renderer: "canvas", height: sideways ? Math.max(180, 56 + lines * (24 + 8 * (chart.series.length - 1) * (chart.kind === "bar"))) : undefined,
    });
    if (sideways) canvas.style.height = "auto";
    plot.setOption(option);
    plot.on("click", (hit) => { if (hit.data && hit.data.url) location.assign(hit.data.url); });
    new ResizeObserver(() => { if (canvas.clientWidth) plot.resize({ width: canvas.clientWidth }); }).observe(canvas);
    document.addEventListener("themechange", () => plot.setOption(builders[figure.dataset.chart](chart), true));
    const toggle = document.createElement("button");
    toggle.type = "button";
    toggle.className = "plot-toggle";
    const words = [figure.dataset.table, figure.dataset.picture];
    toggle.textContent = words[0];
    toggle.addEventListener("click", () => {
      toggle.textContent = words[Number(figure.classList.toggle("is-table"))];
    });
    figure.querySelector("figcaption").append(toggle);
  }
  const drawAll = () => document.querySelectorAll("figure[data-chart]:not(.is-drawn)").forEach(draw);
  drawAll();
  // A part of the page that htmx brought in may hold new charts.
  document.addEventListener("htmx:afterSettle", drawAll);
})();
