/** Bars and lines of a few series over the same places; the table beneath says the same. */
import { useCallback } from "react";
import Chart, { type Ink } from "./Chart";

export type Series = { name: string; values: (number | null)[]; isLine?: boolean };

const HUES = ["#4f86d6", "#c0803b", "#3a9d8f", "#9467bd", "#c05a6e", "#6b8e3d", "#7a7f8a"];
const ROW = 34;

/** Lying bars have room for long names; standing ones are for time. */
export default function SeriesChart({ label, places, series, write, lying, stacked, most }: { label: string; places: string[]; series: Series[]; write: (value: number) => string; lying?: boolean; stacked?: boolean; most?: number }) {
  const option = useCallback(
    (ink: Ink) => {
      const many = series.length > 1 || series[0]?.isLine;
      const values = { type: "value", max: most, axisLabel: { color: ink.dim, hideOverlap: true, formatter: write }, splitLine: { lineStyle: { color: ink.line } } };
      const names = { type: "category", data: places, inverse: lying, axisTick: { show: false }, axisLabel: { color: lying ? ink.text : ink.dim, ...(lying ? { width: 150, overflow: "break", interval: 0 } : { hideOverlap: true }) }, axisLine: { lineStyle: { color: ink.line } } };
      return {
        grid: { left: 8, right: 20, top: many ? 36 : 10, bottom: 8, containLabel: true },
        legend: many ? { top: 0, left: 0, textStyle: { color: ink.text }, itemWidth: 14, itemHeight: 10, type: "scroll" } : undefined,
        tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, confine: true, valueFormatter: (value: number | null | undefined) => (value == null ? "–" : write(value)), backgroundColor: ink.body, borderColor: ink.line, textStyle: { color: ink.text } },
        xAxis: lying ? values : names,
        yAxis: lying ? names : values,
        series: series.map((each, place) => {
          const colour = HUES[place % HUES.length];
          if (each.isLine) return { type: "line", name: each.name, data: each.values, symbolSize: 6, lineStyle: { width: 2, color: colour }, itemStyle: { color: colour } };
          return { type: "bar", name: each.name, data: each.values, stack: stacked ? "whole" : undefined, barMaxWidth: 22, itemStyle: { color: colour } };
        }),
      };
    },
    [places, series, write, lying, stacked, most],
  );
  const height = lying ? 60 + places.length * ROW * (series.length > 1 && !stacked ? 1.4 : 1) : 260;
  return <Chart label={label} height={height} option={option} />;
}
