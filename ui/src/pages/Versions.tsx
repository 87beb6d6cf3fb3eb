/** The versions of a segment's rule: when each was in force, what is different in it, and the way back to it. */
import { Button, Group, NativeSelect, Paper, Stack, Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useSearchParams } from "react-router";
import { ask, queries, query, useGet, type Comparison, type RuleVersion, type SegmentList } from "../api";
import { useFormat } from "../format";
import { useSay } from "../i18n";
import { Section } from "../parts/common";
import { Confirm } from "../parts/Confirm";
import { EffectFacts } from "../parts/effect";
import { Icon } from "../parts/Icon";
import { begin } from "../parts/jobs";
import { Answer, Loading, Message, Trouble } from "../parts/states";
import { useMay } from "../session";

export function Versions({ slug }: { slug: string }) {
  const say = useSay();
  const [params, setParams] = useSearchParams();
  const versions = useGet<RuleVersion[]>(`/segments/${slug}/versions`);
  const chosen = params.get("version") ?? "";
  const against = params.get("with") ?? "";
  const choose = (version: string, other = "") =>
    setParams((now) => {
      for (const [name, value] of [["version", version], ["with", other]] as const) {
        if (value) now.set(name, value);
        else now.delete(name);
      }
      return now;
    });
  if (versions.error?.status === 404) return <Message icon="clock" title={say("history.empty")}>{say("segment.unpublished.hint")}</Message>;
  return (
    <Section title={say("segment.tab.versions")} about={say("versions.about")}>
      <Answer of={versions}>
        {(told) => {
          const version = told.find((each) => each.fingerprint === chosen);
          return (
            <>
              {version && <Difference slug={slug} version={version} versions={told} against={against} choose={choose} />}
              <ol className="versions" aria-label={say("segment.tab.versions")}>
                {told.map((each) => (
                  <li key={each.since}>
                    <Version slug={slug} version={each} isChosen={each.fingerprint === chosen} choose={choose} />
                  </li>
                ))}
              </ol>
            </>
          );
        }}
      </Answer>
    </Section>
  );
}

function Version({ slug, version, isChosen, choose }: { slug: string; version: RuleVersion; isChosen: boolean; choose: (version: string) => void }) {
  const say = useSay();
  const format = useFormat();
  const mayWrite = useMay("write");
  const seesPeople = useMay("personal");
  const people = (size: number | null) => (size === null ? say("few_hidden") : format.count(size));
  const period = say(version.until ? "versions.period" : "versions.period.now", { from: format.dateTime(version.since), to: format.dateTime(version.until) });
  return (
    <Paper p="md" className="card">
      <Group justify="space-between" align="flex-start" gap="sm">
        <div className="version-words">
          <Text fw={600} component="h3">{period}</Text>
          <Text size="sm" c="dimmed">{say(version.until ? "versions.sizes" : "versions.sizes.now", { first: people(version.first_size), last: people(version.last_size) })}</Text>
        </div>
        <Group gap="xs">
          {version.is_current ? (
            <span className="tag-now"><Icon name="check" size={14} /> {say("versions.current")}</span>
          ) : (
            <>
              {seesPeople && <Button variant="default" size="sm" aria-pressed={isChosen} aria-label={say("versions.compare.of", { when: format.dateTime(version.since) })} onClick={() => choose(isChosen ? "" : version.fingerprint)}>
                {say(isChosen ? "versions.compare.close" : "versions.compare")}
              </Button>}
              {mayWrite && !version.problem && <Restore slug={slug} version={version} />}
            </>
          )}
        </Group>
      </Group>
      <p className="sentence">{version.sentence ?? say("versions.unreadable")}</p>
      <code className="rule">{version.rule}</code>
      {version.problem && (
        <div className="note">
          <Icon name="warn" size={16} /> <span>{say("versions.problem", { reason: version.problem })}</span>
        </div>
      )}
    </Paper>
  );
}

function Restore({ slug, version }: { slug: string; version: RuleVersion }) {
  const say = useSay();
  const format = useFormat();
  async function restore() {
    await ask(`/segments/${slug}/versions/${version.fingerprint}/restore`, { method: "POST" });
    await begin("/jobs", { kind: "refresh" }).catch(() => undefined);
    await queries.invalidateQueries({ predicate: (each) => /^\/(segments|rules\/names|catalog)/.test(String(each.queryKey[0])) });
  }
  return (
    <Confirm variant="default" size="sm" isGrave={false} title={say("versions.restore.title", { when: format.dateTime(version.since) })} about={say("versions.restore.about")} go={say("versions.restore")} label={say("versions.restore.of", { when: format.dateTime(version.since) })} act={restore} before={<Effect slug={slug} version={version} />}>
      {say("versions.restore")}
    </Confirm>
  );
}

function useComparison(slug: string, version: string, against: string) {
  return useGet<Comparison>(`/segments/${slug}/versions/${version}/preview${query({ against })}`, { staleTime: 60_000 });
}

/** What restoring changes, shown before it is agreed to. */
function Effect({ slug, version }: { slug: string; version: RuleVersion }) {
  const say = useSay();
  const list = useGet<SegmentList>("/segments");
  const found = useComparison(slug, version.fingerprint, "");
  if (found.error) return <Trouble of={found.error} />;
  if (!found.data) return <Loading rows={2} />;
  if (!found.data.preview) return null;
  return <EffectFacts preview={found.data.preview} names={list.data?.rows ?? []} before={say("builder.effect.before")} after={say("builder.effect.after")} />;
}

function Difference({ slug, version, versions, against, choose }: { slug: string; version: RuleVersion; versions: RuleVersion[]; against: string; choose: (version: string, against?: string) => void }) {
  const say = useSay();
  const format = useFormat();
  const list = useGet<SegmentList>("/segments");
  const found = useComparison(slug, version.fingerprint, against);
  const panel = useRef<HTMLDivElement>(null);
  // in braces: what browsers return from it (a promise, in newer ones) is no way to clean up
  useEffect(() => {
    void panel.current?.scrollIntoView({ block: "nearest" });
  }, [version.fingerprint]);
  const others = versions.filter((each, place) => each.fingerprint !== version.fingerprint && !each.is_current && versions.findIndex((one) => one.fingerprint === each.fingerprint) === place);
  return (
    <Paper p="md" mb="md" className="card" ref={panel}>
      <Stack gap="sm">
        <Group justify="space-between" align="flex-end" gap="sm">
          <h3>{say("versions.difference", { when: format.dateTime(version.since) })}</h3>
          <NativeSelect
            label={say("versions.against")}
            value={against}
            onChange={(event) => choose(version.fingerprint, event.currentTarget.value)}
            data={[{ value: "", label: say("versions.against.now") }, ...others.map((each) => ({ value: each.fingerprint, label: say("versions.against.other", { when: format.dateTime(each.since) }) }))]}
          />
        </Group>
        <Answer of={found} rows={3}>
          {(told) => (
            <>
              <p className="difference">
                {told.pieces.map((each, place) =>
                  each.kind === "same" ? <span key={place}>{each.text}</span> : each.kind === "removed" ? <del key={place}><span className="unseen">{say("versions.removed")}</span>{each.text}</del> : <ins key={place}><span className="unseen">{say("versions.added")}</span>{each.text}</ins>,
                )}
              </p>
              <Text size="sm" c="dimmed">{say("versions.marks")}</Text>
              {told.preview ? (
                <>
                  <div className="difference-facts"><EffectFacts preview={told.preview} names={list.data?.rows ?? []} before={say(against ? "versions.with_other" : "builder.effect.before")} after={say("versions.with_this")} /></div>
                  <Text size="sm" c="dimmed">{say("as_of", { when: format.dateTime(told.preview.as_of) })}</Text>
                </>
              ) : (
                <div className="note"><Icon name="warn" size={16} /> <span>{say("versions.problem", { reason: told.problem ?? "" })}</span></div>
              )}
            </>
          )}
        </Answer>
      </Stack>
    </Paper>
  );
}
