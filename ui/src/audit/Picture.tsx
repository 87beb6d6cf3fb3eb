/** One picture of an audit: its title, what it shows, the chart and the same figures as a table; or what is lacking. */
import { Paper, Text } from "@mantine/core";
import { lazy, Suspense, useMemo } from "react";
import { useFormat } from "../format";
import { useSay } from "../i18n";
import { Rows, type Column } from "../parts/common";
import type { Series } from "../parts/SeriesChart";
import { Loading } from "../parts/states";

const SeriesChart = lazy(() => import("../parts/SeriesChart"));

export type PictureKey = "fields" | "events" | "ladder" | "interaction" | "channels" | "cohorts" | "ages" | "growth" | "visitors";

/** So many columns have room beside a chart. */
const BESIDE = 4;

type Drawn<T> = { name: string; of: (row: T) => number | null; isLine?: boolean };

type Shown<T> = {
  of: PictureKey;
  rows: T[];
  rowKey: (row: T) => string | number;
  place: (row: T) => string;
  drawn: Drawn<T>[];
  columns: Column<T>[];
  isShare?: boolean;
  lying?: boolean;
  stacked?: boolean;
  /** What is drawn apart, as it is of another size. */
  apart?: Drawn<T>[];
  /** So many of the rows are drawn; all by default. */
  drawnRows?: number;
  /** The rows as the table has them, where another order reads better. */
  table?: T[];
};

/** The chart alone, drawn again only when it says something else. */
export function Drawing({ name, places, series, ...how }: { name: string; places: string[]; series: Series[]; write: (value: number) => string; lying?: boolean; stacked?: boolean; most?: number }) {
  const say = useSay();
  const told = JSON.stringify([places, series]);
  const [kept, keptSeries] = useMemo(() => JSON.parse(told) as [string[], Series[]], [told]);
  return (
    <Suspense fallback={<Loading rows={4} />}>
      <SeriesChart label={say("audit.chart", { name })} places={kept} series={keptSeries} {...how} />
    </Suspense>
  );
}

export function Picture<T>({ of, rows, rowKey, place, drawn, columns, isShare, lying, stacked, apart, drawnRows, table }: Shown<T>) {
  const say = useSay();
  const format = useFormat();
  const title = say(`audit.report.chart.${of}.title`);
  const shown = drawnRows ? rows.slice(0, drawnRows) : rows;
  const seriesOf = (each: Drawn<T>[]): Series[] => each.map(({ name, of: value, isLine }) => ({ name, isLine, values: shown.map(value) }));
  if (!rows.length)
    return (
      <section className="picture">
        <h3>{title}</h3>
        <Paper p="md"><Text c="dimmed">{say(`audit.report.chart.${of}.empty`)}</Text></Paper>
      </section>
    );
  return (
    <section className="picture">
      <h3>{title}</h3>
      <Text size="sm" c="dimmed" mb="xs">{say(`audit.report.chart.${of}.lead`)}</Text>
      <Paper className={lying && columns.length <= BESIDE ? "picture-beside" : undefined}>
        <div className="picture-chart">
          <Drawing name={title} places={shown.map(place)} series={seriesOf(drawn)} write={isShare ? format.wholeShare : format.count} lying={lying} stacked={stacked} most={isShare ? 1 : undefined} />
          {apart && <Drawing name={apart.map((each) => each.name).join(", ")} places={shown.map(place)} series={seriesOf(apart)} write={format.count} />}
        </div>
        <Rows caption={title} rows={table ?? rows} rowKey={rowKey} columns={columns} />
      </Paper>
    </section>
  );
}
