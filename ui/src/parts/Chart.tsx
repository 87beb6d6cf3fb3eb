/** One chart; the table that says the same stands beside it. */
import { useComputedColorScheme } from "@mantine/core";
import type { EChartsCoreOption } from "echarts/core";
import { useEffect, useRef } from "react";
import { echarts } from "./charts";

export type Ink = { text: string; dim: string; line: string; bar: string; body: string; font: string };

export default function Chart({ label, height, option }: { label: string; height: number; option: (ink: Ink) => EChartsCoreOption }) {
  const host = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  useEffect(() => {
    const told = getComputedStyle(document.documentElement);
    const colour = (name: string) => told.getPropertyValue(name).trim();
    const ink = { text: colour("--mantine-color-text"), dim: colour("--mantine-color-dimmed"), line: colour("--line"), bar: colour("--bar"), body: colour("--mantine-color-body"), font: getComputedStyle(document.body).fontFamily };
    const chart = echarts.init(host.current!, undefined, { renderer: "svg" });
    chart.setOption({ animation: false, textStyle: { fontFamily: ink.font, color: ink.text }, aria: { enabled: false }, ...option(ink) });
    const watch = new ResizeObserver(() => chart.resize());
    watch.observe(host.current!);
    return () => {
      watch.disconnect();
      chart.dispose();
    };
  }, [option, scheme]);
  return <div ref={host} role="img" aria-label={label} style={{ height, width: "100%" }} />;
}
