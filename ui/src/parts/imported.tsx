/** What became of the rows of an import. */
import { useFormat } from "../format";
import { useSay } from "../i18n";

export function Imported({ result }: { result: Record<string, unknown> }) {
  const say = useSay();
  const format = useFormat();
  const number = (name: string) => (typeof result[name] === "number" ? (result[name] as number) : null);
  const reasons = (result.reasons ?? {}) as Record<string, number>;
  return (
    <div>
      <dl className="facts facts-row">
        {(["received", "stored", "duplicate", "rejected"] as const).map((name) => (
          <div key={name}>
            <dt>{say(`load.${name}`)}</dt>
            <dd className={name === "rejected" && number(name) ? "bad" : undefined}>{format.count(number(name))}</dd>
          </div>
        ))}
      </dl>
      <Reasons of={reasons} said={(result.reasons_said ?? {}) as Record<string, string>} />
    </div>
  );
}

function Reasons({ of, said }: { of: Record<string, number>; said: Record<string, string> }) {
  const say = useSay();
  const format = useFormat();
  if (!Object.keys(of).length) return null;
  return (
    <details className="more">
      <summary>{say("load.reasons")}</summary>
      <ul className="plain small">{Object.entries(of).map(([reason, rows]) => <li key={reason}>{format.count(rows)} · {said[reason] ?? reason}</li>)}</ul>
    </details>
  );
}
