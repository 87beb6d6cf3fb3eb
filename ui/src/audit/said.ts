/** How the page says what an audit tells: counts with their unit, money with its interval, as the report does. */
import { useFormat } from "../format";
import { useNamed, useSay } from "../i18n";
import type { Finding, Money } from "./told";

const WHOLE_FROM = 1000;

export function useSaid() {
  const say = useSay();
  const named = useNamed();
  const format = useFormat();
  const money = (value: number) => (Math.abs(value) < WHOLE_FROM ? format.money(value) : format.wholeMoney(value));
  return {
    money,
    counted: (finding: Finding) =>
      finding.count === null ? (finding.severity === "unknown" ? say("audit.severity.unknown") : say("few_hidden")) : `${format.count(finding.count)} ${named(finding.count === 1 ? "audit.one" : "audit.unit", finding.unit)}`,
    /** Small shares, as complaints are, with two decimals. */
    share: (share: number | null) => (share !== null && share > 0 && share < 0.01 ? format.fineShare(share) : format.share(share)),
    change(finding: Finding): string {
      if (finding.change === null) return "";
      if (!finding.change) return say("audit.report.same");
      return say(finding.change > 0 ? "audit.report.more" : "audit.report.fewer", { n: format.count(Math.abs(finding.change)) });
    },
    atStake(told: Money | null): string {
      if (told?.amount == null) return "";
      const interval = told.low !== null && told.high !== null ? ` (${money(told.low)} – ${money(told.high)})` : "";
      return `${money(told.amount)}${interval} ${named("audit.money_kind", told.kind)}`;
    },
  };
}
