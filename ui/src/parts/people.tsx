/** People as rows: each leads to the person's page. */
import { Link } from "react-router";
import type { ReactNode } from "react";
import { query, type Row } from "../api";
import { useFormat } from "../format";
import { useNamed, useSay } from "../i18n";
import { Rows, type Column } from "./common";

export function nameOf(row: Row): string {
  const name = [row.first_name, row.last_name].filter(Boolean).join(" ");
  return name || String(row.email ?? row.phone ?? row.customer_id ?? `#${row.profile_id}`);
}

export function PeopleTable({ caption, rows, segment, sort, onSort, empty }: { caption: string; rows: Row[]; segment?: string; sort: { key: string; descending: boolean }; onSort: (key: string) => void; empty: ReactNode }) {
  const say = useSay();
  const format = useFormat();
  const named = useNamed();
  const columns: Column<Row>[] = [
    { key: "last_name", name: say("person.name"), sortable: true, cell: (row) => <Link className="row-link" to={`/people/${row.profile_id}${query({ segment })}`}>{nameOf(row)}</Link> },
    { key: "email", name: say("field.email"), sortable: true, cell: (row) => (row.email ? <span className="one-line" title={String(row.email)}>{row.email}</span> : "–") },
    { key: "phone", name: say("field.phone"), sortable: true, hideBelow: "md", cell: (row) => row.phone ?? "–" },
    { key: "city", name: say("field.city"), sortable: true, hideBelow: "sm", cell: (row) => row.city ?? "–" },
    { key: "first_source", name: say("person.came_from"), hideBelow: "md", cell: (row) => (row.first_source ? named("source", String(row.first_source)) : "–") },
    { key: "first_seen_at", name: say("person.since"), sortable: true, hideBelow: "sm", isNumber: true, cell: (row) => format.date(row.first_seen_at as string | null) },
  ];
  return <Rows caption={caption} columns={columns} rows={rows} rowKey={(row) => Number(row.profile_id)} sort={sort} onSort={onSort} empty={empty} />;
}
