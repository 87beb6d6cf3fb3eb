/** Numbers, money and moments in the reader's language, the shop's currency and the shop's zone. */
import { createContext, useContext, useMemo } from "react";
import { useLanguage, useSay } from "./i18n";

export const Shop = createContext({ currency: "EUR", timezone: "Europe/Madrid" });

const NONE = "–";
type Maybe = number | null | undefined;

export function useFormat() {
  const language = useLanguage();
  const { currency, timezone } = useContext(Shop);
  const few = useSay()("few_hidden");
  return useMemo(() => {
    const locale = language === "es" ? "es-ES" : "en-GB";
    const number = (options: Intl.NumberFormatOptions) => {
      const made = new Intl.NumberFormat(locale, options);
      return (value: Maybe) => (value === null || value === undefined ? NONE : made.format(value));
    };
    const moment = (options: Intl.DateTimeFormatOptions) => {
      const made = new Intl.DateTimeFormat(locale, { timeZone: timezone, ...options });
      return (value: string | null | undefined) => {
        if (!value) return NONE;
        const plain = /Z|[+-]\d\d:?\d\d$/.test(value) || value.length <= 10 ? value : `${value.replace(" ", "T")}Z`;
        const read = new Date(plain);
        return Number.isNaN(read.getTime()) ? value : made.format(read);
      };
    };
    const share = number({ style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
    const count = number({ maximumFractionDigits: 0 });
    return {
      count,
      /** A count that is null where it is so small that the reader may not see it. */
      few: (value: number | null) => (value === null ? few : count(value)),
      number: number({ maximumFractionDigits: 2 }),
      signed: number({ maximumFractionDigits: 0, signDisplay: "exceptZero" }),
      share,
      wholeShare: number({ style: "percent", maximumFractionDigits: 0 }),
      fineShare: number({ style: "percent", minimumFractionDigits: 2, maximumFractionDigits: 2 }),
      signedShare: number({ style: "percent", maximumFractionDigits: 1, signDisplay: "exceptZero" }),
      money: number({ style: "currency", currency }),
      wholeMoney: number({ style: "currency", currency, maximumFractionDigits: 0 }),
      date: moment({ day: "numeric", month: "short", year: "numeric" }),
      dateTime: moment({ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }),
      month: moment({ month: "short", year: "numeric", timeZone: "UTC" }),
      shortDate: moment({ day: "numeric", month: "short" }),
      unit(value: Maybe, unit: string): string {
        if (value === null || value === undefined) return NONE;
        if (unit === "share") return share(value);
        if (unit === "money" || unit === "currency" || unit === currency) return this.money(value);
        if (unit === "profiles" || unit === "events" || unit === "orders" || unit === "count") return this.count(value);
        if (unit === "days") return new Intl.NumberFormat(locale, { style: "unit", unit: "day", unitDisplay: "long", maximumFractionDigits: 1 }).format(value);
        return this.number(value);
      },
      rows: (told: string[]) => new Intl.ListFormat(locale).format(told),
    };
  }, [language, currency, timezone, few]);
}
