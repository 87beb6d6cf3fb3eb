/** Flows between segments as a Sankey diagram; the table beneath says the same. */
import { useCallback } from "react";
import type { Flows } from "../api";
import { useFormat } from "../format";
import { useSay } from "../i18n";
import Chart, { type Ink } from "./Chart";

const HUES = ["#4f86d6", "#3a9d8f", "#c0803b", "#9467bd", "#c05a6e", "#6b8e3d", "#7a7f8a", "#b08d2a"];

export default function FlowChart({ flows, moved }: { flows: Flows; moved: Flows["flows"] }) {
  const say = useSay();
  const format = useFormat();
  const option = useCallback(
    (ink: Ink) => {
      const name = (slug: string) => flows.names[slug] ?? say("map.nowhere");
      const shown = moved.slice(0, 24);
      const nodes = (side: "source" | "target") => [...new Set(shown.map((flow) => flow[side]))].map((slug) => ({ name: `${side}:${slug}`, itemStyle: { color: HUES[Math.max(0, flows.segments.indexOf(slug)) % HUES.length] }, label: { position: side === "source" ? "right" : "left" } }));
      const plain = (told: string) => name(told.replace(/^(source|target):/, ""));
      return {
        tooltip: { backgroundColor: ink.body, textStyle: { color: ink.text }, formatter: (told: { dataType: string; name: string; value: number; data: { source?: string; target?: string } }) => (told.data.source ? `${plain(told.data.source)} → ${plain(told.data.target ?? "")}: ${format.count(told.value)}` : plain(told.name)) },
        series: [{ type: "sankey", left: 4, right: 4, top: 8, bottom: 8, nodeGap: 18, draggable: false, data: [...nodes("source"), ...nodes("target")], links: shown.map((flow) => ({ source: `source:${flow.source}`, target: `target:${flow.target}`, value: flow.moved ?? 0 })), label: { color: ink.text, fontSize: 12, width: innerWidth < 640 ? 130 : 300, overflow: "truncate", formatter: (told: { name: string }) => plain(told.name) }, lineStyle: { color: "source", opacity: 0.3 } }],
      };
    },
    [flows, moved, say, format],
  );
  // each side's bars are at least as far apart as their names are high
  const bars = Math.max(...(["source", "target"] as const).map((side) => new Set(moved.slice(0, 24).map((flow) => flow[side])).size), 1);
  return <Chart label={say("map.flows.chart")} height={260 + bars * 26} option={option} />;
}
