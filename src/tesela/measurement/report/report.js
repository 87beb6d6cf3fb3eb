// Draws the charts of the report from the figures that the page carries.
(function () {
  "use strict";
  var told = JSON.parse(document.getElementById("drawings").textContent);
  var root = document.documentElement;
  root.classList.add("drawn");
  document.querySelectorAll("details.figures").forEach(function (each) { each.open = false; });

  var style = getComputedStyle(root);
  function colour(name) { return style.getPropertyValue("--" + name).trim(); }
  var font = getComputedStyle(document.body).fontFamily;
  function own(names) { return Array.isArray(names) ? names.map(colour) : names === "ladder" ? ladder : null; }
  var ladder = [1, 2, 3, 4, 5, 6, 7].map(function (step) { return colour("warm-" + step); });

  function formatter(options) {
    var format = new Intl.NumberFormat(told.locale, options);
    return function (value) { return format.format(value); };
  }
  var money = { style: "currency", currency: told.currency };
  var whole = formatter({ style: "percent", maximumFractionDigits: 0 });
  var tenths = formatter({ style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  function share(value) { return value > 0 && value < 0.0995 ? tenths(value) : whole(value); }
  var exact = { count: formatter({ maximumFractionDigits: 0 }), money: formatter(money), share: share };
  var compact = {
    count: formatter({ notation: "compact", maximumFractionDigits: 1 }),
    money: formatter(Object.assign({ notation: "compact", maximumFractionDigits: 1 }, money))
  };
  function cells(value) { return (value < 1e6 ? exact : compact).count(value); }
  var safe = echarts.format.encodeHTML;

  function tooltip(unit) {
    return {
      trigger: "axis", confine: true, axisPointer: { type: "shadow" }, textStyle: { fontFamily: font, color: colour("ink") },
      formatter: function (points) {
        return "<strong>" + safe(points[0].name) + "</strong>" + points.map(function (point) {
          return "<br>" + point.marker + safe(point.seriesName) + ": " + safe(exact[unit](point.value));
        }).join("");
      }
    };
  }
  function words(size) { return { fontFamily: font, fontSize: size || 12, color: colour("muted") }; }
  function labels(values, extra) {
    return Object.assign({
      type: "category", data: values, axisTick: { show: false }, axisLine: { lineStyle: { color: colour("line") } },
      axisLabel: words()
    }, extra);
  }
  function numbers(unit, extra) {
    return Object.assign({
      type: "value", splitNumber: 4, splitLine: { lineStyle: { color: colour("line") } },
      axisLabel: Object.assign(words(), { formatter: compact[unit], hideOverlap: true })
    }, extra);
  }
  function legend(series) {
    return { show: series.length > 1, top: 0, left: 0, icon: "roundRect", itemWidth: 12, itemHeight: 12, textStyle: words() };
  }
  var twoColours = [colour("accent"), colour("accent-soft")];

  // Horizontal bars: one series, two side by side, or two stacked. What each is worth stands at its end, so no scale is needed.
  function bars(drawing, width) {
    var unit = drawing.unit || "count", series = drawing.series, beside = drawing.beside;
    var room = Math.round(Math.min(220, width * 0.38));
    var end = drawing.notes ? Math.max.apply(null, drawing.notes.map(function (note) { return note.length; })) * 6.2 + 14 : 48;
    var names = labels(drawing.labels, {
      inverse: true,
      axisLabel: Object.assign(words(), { width: room, overflow: "break", interval: 0, lineHeight: 14, color: colour("ink") })
    });
    return {
      color: drawing.unit === "share" ? [colour("accent-soft"), colour("accent")] : twoColours,
      legend: legend(series), tooltip: tooltip(unit),
      grid: { left: room + 8, right: end + (beside ? 46 : 0), top: series.length > 1 ? 34 : 6, bottom: 6 },
      xAxis: { type: "value", show: false, min: 0, max: function (range) { return range.max || 1; } },
      yAxis: beside ? [names, column(beside, end)] : names,
      series: series.map(function (each, place) {
        var is_last = place === series.length - 1;
        return {
          name: each.name, type: "bar", stack: drawing.is_stacked ? "all" : undefined, barMaxWidth: drawing.labels.length < 4 ? 26 : 18, barGap: "10%",
          itemStyle: drawing.is_stacked ? { borderColor: colour("paper"), borderWidth: 1 } : {},
          data: each.values.map(function (value, place) {
            var chosen = own(drawing.colours);
            return chosen ? { value: value, itemStyle: { color: chosen[place] } } : value;
          }),
          label: {
            show: is_last || !drawing.is_stacked, position: "right", fontFamily: font, fontSize: 11, color: colour("ink"),
            formatter: function (point) { return drawing.notes ? drawing.notes[point.dataIndex] : exact[unit](point.value); }
          }
        };
      })
    };
  }
  // A column of figures at the right, under a name of its own.
  function column(beside, end) {
    return {
      type: "category", position: "right", inverse: true, data: beside.labels, offset: end + 40, name: beside.name,
      nameLocation: "start", nameGap: 12, nameTextStyle: Object.assign(words(), { align: "right" }),
      axisTick: { show: false }, axisLine: { show: false },
      axisLabel: Object.assign(words(), { interval: 0, inside: true, margin: 0, align: "right", fontWeight: 600, color: colour("ink") })
    };
  }
  function barsHeight(drawing) {
    var each = drawing.series.length > 1 && !drawing.is_stacked ? 38 : drawing.labels.length < 4 ? 52 : 34;
    return drawing.labels.length * each + (drawing.series.length > 1 ? 44 : 16);
  }
  // The month that is not over is drawn paler: it cannot be compared yet.
  function monthly(drawing, values) {
    return values.map(function (value, place) {
      var is_open = drawing.is_unfinished && place === values.length - 1;
      return { value: value, itemStyle: { borderRadius: [3, 3, 0, 0], opacity: is_open ? 0.5 : 1 } };
    });
  }

  function columns(drawing) {
    var unit = drawing.unit || "count";
    return {
      color: twoColours, tooltip: tooltip(unit), grid: { left: 8, right: 12, top: 16, bottom: 8, containLabel: true },
      xAxis: labels(drawing.labels, { axisLabel: Object.assign(words(), { hideOverlap: true, alignMinLabel: "left", alignMaxLabel: "right" }) }), yAxis: numbers(unit),
      series: drawing.series.map(function (each) {
        return { name: each.name, type: "bar", data: monthly(drawing, each.values), barMaxWidth: 26 };
      })
    };
  }

  // The size of the base above, who arrived below, over the same months.
  function growth(drawing) {
    var base = drawing.series[0], arrived = drawing.series[1];
    return {
      color: twoColours, legend: legend(drawing.series), tooltip: tooltip("count"),
      axisPointer: { link: [{ xAxisIndex: "all" }] },
      grid: [{ left: 56, right: 16, top: 34, height: 150 }, { left: 56, right: 16, top: 214, height: 90 }],
      xAxis: [
        labels(drawing.labels, { axisLabel: { show: false } }),
        labels(drawing.labels, { gridIndex: 1, axisLabel: Object.assign(words(), { hideOverlap: true }) })
      ],
      yAxis: [numbers("count", { splitNumber: 3 }), numbers("count", { gridIndex: 1, splitNumber: 2 })],
      series: [
        { name: base.name, type: "line", data: base.values, showSymbol: base.values.length < 3, lineStyle: { width: 3 }, areaStyle: { opacity: 0.12 } },
        { name: arrived.name, type: "bar", data: monthly(drawing, arrived.values), xAxisIndex: 1, yAxisIndex: 1, barMaxWidth: 26 }
      ]
    };
  }

  // Every shade is light enough for dark figures. Darkness follows the square root, so that small cells can be told apart beside large ones.
  function heat(drawing, width) {
    var most = Math.max.apply(null, drawing.cells.map(function (cell) { return cell[2]; }));
    var narrow = width < 420;
    function named(place, gap) {
      return { name: drawing.names[place], nameLocation: "middle", nameGap: gap, nameTextStyle: words() };
    }
    return {
      tooltip: {
        confine: true, textStyle: { fontFamily: font, color: colour("ink") },
        formatter: function (point) {
          var cell = point.value;
          return [drawing.labels[cell[0]], drawing.others[cell[1]], exact.count(cell[2]), exact.money(cell[4])].map(
            function (told, place) { return safe(drawing.names[place]) + ": <strong>" + safe(told) + "</strong>"; }
          ).join("<br>");
        }
      },
      grid: { left: 64, right: 8, top: 8, bottom: 52 },
      xAxis: labels(drawing.labels, Object.assign(named(0, 32), { axisLabel: Object.assign(words(narrow ? 10 : 12), { interval: 0 }) })),
      yAxis: labels(drawing.others, Object.assign(named(1, 44), { axisLabel: Object.assign(words(), { interval: 0 }) })),
      visualMap: {
        show: false, dimension: 3, min: 0, max: Math.sqrt(most) || 1,
        inRange: { color: ["#f4f8f8", "#d5e8e9", "#a9d1d3", "#7bbabd", "#57a6a9"] }
      },
      series: [{
        type: "heatmap", itemStyle: { borderColor: colour("paper"), borderWidth: 3, borderRadius: 4 },
        data: drawing.cells.map(function (cell) { return [cell[0], cell[1], cell[2], Math.sqrt(cell[2]), cell[3]]; }),
        label: { show: true, fontFamily: font, fontSize: 12, color: colour("ink"), formatter: function (point) { return cells(point.value[2]); } }
      }]
    };
  }

  var kinds = { bars: bars, columns: columns, growth: growth, heat: heat };
  var charts = told.charts.map(function (drawing) {
    var place = document.getElementById(drawing.id);
    if (drawing.kind === "bars") { place.style.height = barsHeight(drawing) + "px"; }
    if (drawing.kind === "growth") { place.style.height = "340px"; }
    var chart = echarts.init(place, null, { renderer: "svg" });
    function draw() {
      var option = kinds[drawing.kind](drawing, place.clientWidth);
      option.aria = { enabled: true, label: { description: drawing.description } };
      option.animation = false;
      option.textStyle = { fontFamily: font };
      chart.setOption(option, true);
    }
    draw();
    place.setAttribute("role", "img");
    return function () { chart.resize(); draw(); };
  });
  function again() { charts.forEach(function (draw) { draw(); }); }
  var waiting;
  addEventListener("resize", function () { clearTimeout(waiting); waiting = setTimeout(again, 120); });
  addEventListener("beforeprint", again);
  addEventListener("afterprint", again);
})();
