/** Small parts that all views share: heads, figures, changes, bars, lines, tables. */
import { Group, NativeSelect, Pagination, Table, Text, Title, UnstyledButton } from "@mantine/core";
import { useEffect, type ReactNode } from "react";
import { Link } from "react-router";
import { useFormat } from "../format";
import { useSay } from "../i18n";
import { Icon } from "./Icon";

/** Head of a view: its name (also of the window), what it is as of, and its one primary action. */
export function Head({ title, about, asOf, action, back }: { title: string; about?: ReactNode; asOf?: string | null; action?: ReactNode; back?: { to: string; name: string } }) {
  const say = useSay();
  const format = useFormat();
  useEffect(() => {
    document.title = `${title} · Tesela`;
  }, [title]);
  return (
    <header className="head">
      <div className="head-words">
        {back && (
          <Link to={back.to} className="back">
            ← {back.name}
          </Link>
        )}
        <Title order={1} tabIndex={-1}>
          {title}
        </Title>
        {about && (
          <Text c="dimmed" component="div" maw={720}>
            {about}
          </Text>
        )}
        {asOf && (
          <Text size="sm" c="dimmed" className="as-of">
            {say("as_of", { when: format.dateTime(asOf) })}
          </Text>
        )}
      </div>
      {action && <Group gap="xs" className="head-action">{action}</Group>}
    </header>
  );
}

export function Section({ title, about, action, children, id }: { title: string; about?: ReactNode; action?: ReactNode; children: ReactNode; id?: string }) {
  return (
    <section className="section" id={id}>
      <Group justify="space-between" align="flex-end" mb="sm" gap="xs">
        <div>
          <Title order={2}>{title}</Title>
          {about && (
            <Text size="sm" c="dimmed" component="div">
              {about}
            </Text>
          )}
        </div>
        {action}
      </Group>
      {children}
    </section>
  );
}

export function Stat({ name, value, beside, to }: { name: string; value: ReactNode; beside?: ReactNode; to?: string }) {
  const inside = (
    <>
      <div className="stat-name">{name}</div>
      <div className="stat-value">{value}</div>
      {beside && <div className="stat-beside">{beside}</div>}
    </>
  );
  return to ? (
    <Link to={to} className="stat stat-link">
      {inside}
    </Link>
  ) : (
    <div className="stat">{inside}</div>
  );
}

/** Words with what is typed at a command line between backquotes. */
export function Coded({ words }: { words: string }) {
  return <>{words.split("`").map((part, place) => (place % 2 ? <code key={place}>{part}</code> : part))}</>;
}

/** Who came and who went, in words for those who cannot see the signs; whether that is good depends on the segment, so it has no colour. */
export function Change({ entered, left }: { entered: number | null; left: number | null }) {
  const say = useSay();
  const format = useFormat();
  // not told: so few that they are hidden, or never published
  if (entered === null && left === null) return <span className="dim">–</span>;
  if (!entered && !left) return <span className="dim">{say("change.none")}</span>;
  return (
    <span className="change">
      {!!entered && (
        <span>
          <span aria-hidden="true">+{format.count(entered)}</span>
          <span className="unseen">{say("change.entered", { n: format.count(entered) })}</span>
        </span>
      )}
      {!!left && (
        <span>
          <span aria-hidden="true">−{format.count(left)}</span>
          <span className="unseen">{say("change.left", { n: format.count(left) })}</span>
        </span>
      )}
    </span>
  );
}

export function Bar({ share, label }: { share: number | null; label?: string }) {
  return (
    <span className="bar" aria-hidden={label ? undefined : true} role={label ? "img" : undefined} aria-label={label}>
      <span style={{ width: `${Math.max(0, Math.min(1, share ?? 0)) * 100}%` }} />
    </span>
  );
}

/** A trend in a cell; the numbers stand in the history of the segment. */
export function Spark({ values, label }: { values: (number | null)[]; label: string }) {
  const known = values.filter((each): each is number => each !== null);
  if (known.length < 2) return <span className="dim">–</span>;
  const low = Math.min(...known);
  const high = Math.max(...known);
  const x = (place: number) => 2 + (place / (values.length - 1)) * 76;
  const y = (value: number) => (high === low ? 12 : 21 - ((value - low) / (high - low)) * 18);
  const points = values.flatMap((value, place) => (value === null ? [] : [`${x(place).toFixed(1)},${y(value).toFixed(1)}`]));
  return (
    <svg width={80} height={24} viewBox="0 0 80 24" role="img" aria-label={label} className="spark">
      <polyline points={points.join(" ")} />
    </svg>
  );
}

export type Column<T> = {
  key: string;
  name: string;
  cell: (row: T) => ReactNode;
  isNumber?: boolean;
  sortable?: boolean;
  isAction?: boolean;
  hideBelow?: "sm" | "md";
};

/** A table that becomes a list of cards on a phone; the first column names the row. */
export function Rows<T>({ caption, columns, rows, rowKey, sort, onSort, empty }: { caption: string; columns: Column<T>[]; rows: T[]; rowKey: (row: T) => string | number; sort?: { key: string; descending: boolean }; onSort?: (key: string) => void; empty?: ReactNode }) {
  const say = useSay();
  if (!rows.length && empty) return <>{empty}</>;
  return (
    <div className="table-frame" tabIndex={0} role="region" aria-label={caption}>
      <Table className="rows" highlightOnHover verticalSpacing="xs">
        <caption className="unseen">{caption}</caption>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => {
              const sorted = sort?.key === column.key;
              return (
                <Table.Th key={column.key} scope="col" className={classes(column)} aria-sort={sorted ? (sort.descending ? "descending" : "ascending") : undefined}>
                  {column.sortable && onSort ? (
                    <UnstyledButton className="sorter" onClick={() => onSort(column.key)}>
                      {column.name}
                      <span className="unseen">{say("table.sort")}</span>
                      {sorted && <Icon name={sort.descending ? "down" : "up"} size={13} />}
                    </UnstyledButton>
                  ) : column.isAction ? (
                    <span className="unseen">{column.name}</span>
                  ) : (
                    column.name
                  )}
                </Table.Th>
              );
            })}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={rowKey(row)}>
              {columns.map((column, place) =>
                place === 0 ? (
                  <Table.Th key={column.key} scope="row" className={classes(column)}>
                    {column.cell(row)}
                  </Table.Th>
                ) : (
                  <Table.Td key={column.key} className={classes(column)} data-name={column.isAction ? "" : column.name}>
                    {column.cell(row)}
                  </Table.Td>
                ),
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function classes<T>(column: Column<T>): string {
  return [column.isNumber && "number", column.hideBelow && `hide-${column.hideBelow}`].filter(Boolean).join(" ");
}

export function Pages({ total, offset, limit, onPage, onLimit }: { total: number; offset: number; limit: number; onPage: (offset: number) => void; onLimit?: (limit: number) => void }) {
  const say = useSay();
  const format = useFormat();
  const pages = Math.max(1, Math.ceil(total / limit));
  const page = Math.floor(offset / limit) + 1;
  return (
    <nav className="pages" aria-label={say("table.pages")}>
      <Text size="sm" c="dimmed" aria-live="polite">
        {total ? say("table.range", { from: format.count(offset + 1), to: format.count(Math.min(total, offset + limit)), total: format.count(total) }) : ""}
      </Text>
      <Group gap="sm">
        {onLimit && total > 25 && (
          <NativeSelect size="xs" aria-label={say("table.per_page")} value={String(limit)} onChange={(event) => onLimit(Number(event.currentTarget.value))} data={["25", "50", "100", "250"].map((each) => ({ value: each, label: say("table.n_per_page", { n: each }) }))} />
        )}
        {pages > 1 && (
          <Pagination size="sm" total={pages} value={page} siblings={1} onChange={(chosen) => onPage((chosen - 1) * limit)} getControlProps={(control) => ({ "aria-label": say(`table.${control}` as "table.next") })} getItemProps={(item) => ({ "aria-label": say("table.page", { n: item }) })} />
        )}
      </Group>
    </nav>
  );
}
