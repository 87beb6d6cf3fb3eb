/** What another rule does: how many come and go, and what becomes of the segments that name this one. */
import { Text, Title } from "@mantine/core";
import type { Preview, SegmentRow } from "../api";
import { useFormat } from "../format";
import { useSay } from "../i18n";

export function EffectFacts({ preview, names, before, after }: { preview: Preview; names: SegmentRow[]; before: string; after: string }) {
  const say = useSay();
  const format = useFormat();
  const { change, dependents } = preview;
  const titled = (each: string) => names.find((row) => row.slug === each)?.name ?? each;
  // a count that is hidden is not nobody
  const few = say("few_hidden");
  const moves = change.entering !== 0 || change.leaving !== 0;
  return (
    <>
      {moves ? (
        <dl className="facts">
          <div><dt>{before}</dt><dd>{change.before === null ? few : format.count(change.before)}</dd></div>
          <div><dt>{say("builder.effect.entering")}</dt><dd className="good">{change.entering === null ? few : format.signed(change.entering)}</dd></div>
          <div><dt>{say("builder.effect.leaving")}</dt><dd className="bad">{change.leaving === null ? few : change.leaving ? `−${format.count(change.leaving)}` : 0}</dd></div>
          <div><dt>{after}</dt><dd><strong>{change.after === null ? few : format.count(change.after)}</strong></dd></div>
        </dl>
      ) : (
        <Text c="dimmed">{say("builder.effect.none")}</Text>
      )}
      {dependents.length > 0 && (
        <>
          <Title order={3} mt="sm">{say("builder.effect.dependents")}</Title>
          <ul className="plain">
            {dependents.map((each) => (
              <li key={each.segment}>
                {titled(each.segment)}: {each.before === null ? few : format.count(each.before)} → {each.after === null ? few : format.count(each.after)}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
