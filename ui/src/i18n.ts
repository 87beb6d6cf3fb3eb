/** The page's words, Spanish first. Every key has both languages by construction. */
import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";
import type { Language } from "./api";
import { texts, type TextKey } from "./texts";

const of = (place: 0 | 1) => Object.fromEntries(Object.entries(texts).map(([key, pair]) => [key, pair[place]]));

export function firstLanguage(): Language {
  const chosen = localStorage.getItem("tesela-language");
  if (chosen === "es" || chosen === "en") return chosen;
  const told = navigator.languages.find((each) => /^(es|en)/.test(each));
  return told?.startsWith("en") ? "en" : "es";
}

void i18next.use(initReactI18next).init({
  resources: { es: { translation: of(0) }, en: { translation: of(1) } },
  lng: firstLanguage(),
  fallbackLng: "es",
  keySeparator: false,
  nsSeparator: false,
  interpolation: { escapeValue: false },
});
document.documentElement.lang = i18next.language;

export function speak(language: Language): void {
  localStorage.setItem("tesela-language", language);
  document.documentElement.lang = language;
  if (i18next.language !== language) void i18next.changeLanguage(language);
}

export type Say = (key: TextKey, values?: Record<string, string | number>) => string;

export function useSay(): Say {
  const { t } = useTranslation();
  return (key, values) => t(key, values ?? {}) as string;
}

export function useLanguage(): Language {
  return useTranslation().i18n.language as Language;
}

/** A name that may have words of ours (`event.order_completed`), else as it is. */
export function useNamed(): (kind: string, name: string) => string {
  const say = useSay();
  return (kind, name) => {
    const key = `${kind}.${name}`;
    return key in texts ? say(key as TextKey) : name.replaceAll("_", " ");
  };
}
