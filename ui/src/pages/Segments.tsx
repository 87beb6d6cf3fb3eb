/** Segments: all of them with their size, change, trend, share of revenue and warnings. */
import { Button, Paper, TextInput } from "@mantine/core";
import { Link, useSearchParams } from "react-router";
import { useGet, type SegmentList, type SegmentRow } from "../api";
import { useFormat } from "../format";
import { useLanguage, useSay } from "../i18n";
import { Bar, Change, Head, Rows, Spark, type Column } from "../parts/common";
import { Icon } from "../parts/Icon";
import { RefreshButton } from "../parts/jobs";
import { Answer, Message } from "../parts/states";
import { useMay } from "../session";

const FEW = 100;
const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export default function Segments() {
  const say = useSay();
  const list = useGet<SegmentList>("/segments");
  const mayWrite = useMay("write");
  return (
    <>
      <Head
        title={say("nav.segments")}
        about={say("segments.about")}
        asOf={list.data?.as_of}
        action={mayWrite && (
          <>
            <RefreshButton />
            <Button component={Link} to="/segments/new" leftSection={<Icon name="plus" size={16} />}>
              {say("segment.new")}
            </Button>
          </>
        )}
      />
      <Answer of={list} rows={8}>
        {(told) =>
          told.rows.length ? (
            <List told={told} />
          ) : (
            <Message icon="segments" title={say("segments.empty")} action={<Button component={Link} to="/catalog">{say("segments.empty.go")}</Button>}>
              {say("segments.empty.hint")}
            </Message>
          )
        }
      </Answer>
    </>
  );
}

function List({ told }: { told: SegmentList }) {
  const say = useSay();
  const format = useFormat();
  const language = useLanguage();
  const [params, setParams] = useSearchParams();
  const search = params.get("q") ?? "";
  const sort = { key: params.get("sort") ?? "size", descending: params.get("up") === null };
  const set = (changes: Record<string, string | null>) =>
    setParams((now) => {
      for (const [name, value] of Object.entries(changes)) value === null || value === "" ? now.delete(name) : now.set(name, value);
      return now;
    }, { replace: true });
  const columns: Column<SegmentRow>[] = [
    {
      key: "name",
      name: say("segment"),
      sortable: true,
      cell: (row) => (
        <div>
          <Link to={`/segments/${row.slug}`} className="row-link">{row.name}</Link>
          <div className="row-about">{row.description}</div>
        </div>
      ),
    },
    { key: "size", name: say("segments.size"), isNumber: true, sortable: true, cell: (row) => (row.is_published ? <SizeOf row={row} /> : <span className="dim">{say("segments.unpublished")}</span>) },
    { key: "share_of_base", name: say("segments.share_of_base"), isNumber: true, sortable: true, hideBelow: "sm", cell: (row) => <span className="with-bar"><Bar share={row.share_of_base} />{format.share(row.share_of_base)}</span> },
    { key: "share_of_revenue", name: say("segments.share_of_revenue"), isNumber: true, sortable: true, cell: (row) => format.share(row.share_of_revenue) },
    { key: "change", name: say("segments.change"), isNumber: true, sortable: true, cell: (row) => <Change entered={row.entered} left={row.left} /> },
    { key: "trend", name: say("segments.trend"), isNumber: true, hideBelow: "md", cell: (row) => <Spark values={row.trend} label={say("segments.trend.of", { name: row.name, from: format.count(row.trend[0]), to: format.count(row.trend.at(-1)) })} /> },
  ];
  const value = (row: SegmentRow): string | number => {
    if (sort.key === "name") return row.name;
    if (sort.key === "change") return (row.entered ?? 0) + (row.left ?? 0);
    return (row[sort.key as "size"] as number | null) ?? -1;
  };
  const shown = told.rows
    .filter((row) => plain(`${row.name} ${row.description} ${row.slug}`).includes(plain(search)))
    .sort((one, other) => {
      const [left, right] = [value(one), value(other)];
      const order = typeof left === "string" ? left.localeCompare(String(right), language) : left - Number(right);
      return sort.descending ? -order : order;
    });
  return (
    <>
      <TextInput leftSection={<Icon name="search" size={16} />} aria-label={say("segments.search")} placeholder={say("segments.search")} value={search} onChange={(event) => set({ q: event.currentTarget.value })} maw={360} mb="md" type="search" />
      <Paper>
        <Rows
          caption={say("nav.segments")}
          columns={columns}
          rows={shown}
          rowKey={(row) => row.slug}
          sort={sort}
          onSort={(key) => set(key === sort.key ? { up: sort.descending ? "1" : null } : { sort: key, up: key === "name" ? "1" : null })}
          empty={<Message icon="search" title={say("segments.none_found", { q: search })} action={<Button variant="default" onClick={() => set({ q: null })}>{say("segments.show_all")}</Button>} />}
        />
      </Paper>
    </>
  );
}

function SizeOf({ row }: { row: SegmentRow }) {
  const say = useSay();
  const format = useFormat();
  return (
    <span className="size-of">
      {row.size !== null && row.size < FEW && (
        <span className="warned" title={say("segments.few")}>
          <Icon name="warn" size={14} />
          <span className="unseen">{say("segments.few")}</span>
        </span>
      )}
      {format.count(row.size)}
    </span>
  );
}
