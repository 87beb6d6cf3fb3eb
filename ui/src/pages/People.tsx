/** People: found by anything. */
import { Button, Paper, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { query, useGet, type Rows } from "../api";
import { useSay } from "../i18n";
import { Head, Pages } from "../parts/common";
import { useIsHere } from "../parts/here";
import { Icon } from "../parts/Icon";
import { PeopleTable } from "../parts/people";
import { Answer, Message } from "../parts/states";
import { useMay } from "../session";

export default function People() {
  const say = useSay();
  const [params, setParams] = useSearchParams();
  const isHere = useIsHere();
  const mayWrite = useMay("write");
  const [search, setSearch] = useState(params.get("q") ?? "");
  const [q] = useDebouncedValue(search, 100);
  const offset = Number(params.get("from") ?? 0);
  const limit = Number(params.get("n") ?? 25);
  const sort = { key: params.get("sort") ?? "profile_id", descending: params.get("down") === "1" };
  const set = (changes: Record<string, string | null>, replace = true) =>
    setParams((now) => {
      for (const [name, value] of Object.entries(changes)) value === null || value === "" ? now.delete(name) : now.set(name, value);
      return now;
    }, { replace });
  useEffect(() => {
    if (q !== (params.get("q") ?? "") && isHere()) set({ q, from: null });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the address follows what is searched
  }, [q]);
  const found = useGet<Rows>(`/people${query({ q, sort: sort.key, descending: sort.descending || null, offset, limit })}`, { keep: true });
  return (
    <>
      <Head title={say("nav.people")} about={say("people.about")} />
      <TextInput type="search" size="md" leftSection={<Icon name="search" />} aria-label={say("people.search")} placeholder={say("people.search.example")} value={search} onChange={(event) => setSearch(event.currentTarget.value)} maw={520} mb="md" autoFocus />
      <Answer of={found} rows={8}>
        {(told) => (
          <>
            <Paper aria-busy={found.isPlaceholderData}>
              <PeopleTable
                caption={say("nav.people")}
                rows={told.rows}
                sort={sort}
                onSort={(key) => set({ sort: key, down: key === sort.key && !sort.descending ? "1" : null, from: null })}
                empty={<Message icon="search" action={q ? <Button variant="default" onClick={() => setSearch("")}>{say("people.all")}</Button> : mayWrite && <Button component={Link} to="/data">{say("home.empty.go")}</Button>} title={q ? say("people.none", { q }) : say("people.empty")}>{q ? say("people.none.hint") : say("home.empty.hint")}</Message>}
              />
            </Paper>
            <Pages total={told.total} offset={offset} limit={limit} onPage={(from) => set({ from: from ? String(from) : null }, false)} onLimit={(n) => set({ n: String(n), from: null })} />
          </>
        )}
      </Answer>
    </>
  );
}
