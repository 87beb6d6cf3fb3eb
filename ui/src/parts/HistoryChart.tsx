/** How a segment's size went. */
import { useCallback } from "react";
import type { Size } from "../api";
import { useFormat } from "../format";
import { useSay } from "../i18n";
import Chart, { type Ink } from "./Chart";

export default function HistoryChart({ sizes, title }: { sizes: Size[]; title: string }) {
  const say = useSay();
  const format = useFormat();
  const option = useCallback(
    (ink: Ink) => ({
      grid: { left: 8, right: 16, top: 16, bottom: 8, containLabel: true },
      tooltip: { trigger: "axis", valueFormatter: (value: number) => format.count(value), backgroundColor: ink.body, textStyle: { color: ink.text } },
      xAxis: { type: "category", data: sizes.map((each) => format.shortDate(each.as_of)), axisLabel: { color: ink.dim }, axisLine: { lineStyle: { color: ink.line } } },
      yAxis: { type: "value", axisLabel: { color: ink.dim, formatter: (value: number) => format.count(value) }, splitLine: { lineStyle: { color: ink.line } } },
      series: [{ type: "line", name: title, data: sizes.map((each) => each.size), symbolSize: 7, lineStyle: { width: 2, color: ink.bar }, itemStyle: { color: ink.bar } }],
    }),
    [sizes, title, format],
  );
  return <Chart label={say("history.chart", { name: title })} height={220} option={option} />;
}
