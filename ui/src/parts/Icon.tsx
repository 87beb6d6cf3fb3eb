/** Line icons of the page, drawn by us; always beside words or with a label on their button. */
const PATHS = {
  home: "M4 11l8-7 8 7M6 9.5V20h12V9.5M10 20v-5h4v5",
  segments: "M4 7h16M4 12h10M4 17h6",
  audit: "M4 13h4l2.500-7l4 13l2.500-6h3",
  catalog: "M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3zM5 17a3 3 0 0 1 3-3h11",
  rfm: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  map: "M9 8a5 5 0 1 0 0 8M15 8a5 5 0 1 1 0 8M12 8.2a5 5 0 0 1 0 7.6a5 5 0 0 1 0-7.6",
  people: "M12 12a4 4 0 1 0 0-8a4 4 0 0 0 0 8M4.5 20a7.5 7.5 0 0 1 15 0",
  data: "M12 16V4M7 9l5-5 5 5M4 16v4h16v-4",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M13 4.5v5h4v-5zM7 14.5v5h4v-5z",
  plus: "M12 5v14M5 12h14",
  minus: "M6 12h12",
  close: "M6 6l12 12M18 6L6 18",
  search: "M11 18a7 7 0 1 0 0-14a7 7 0 0 0 0 14M16 16l4.5 4.5",
  undo: "M8 5L4 9l4 4M4 9h10a5 5 0 0 1 0 10h-4",
  redo: "M16 5l4 4-4 4M20 9H10a5 5 0 0 0 0 10h4",
  sun: "M12 16a4 4 0 1 0 0-8a4 4 0 0 0 0 8M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1 1M17.4 17.4l1 1M18.4 5.6l-1 1M6.6 17.4l-1 1",
  moon: "M20 14.5A8 8 0 0 1 9.500 4a8 8 0 1 0 10.500 10.500z",
  download: "M12 4v12M7 11l5 5 5-5M4 20h16",
  up: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  check: "M5 12.500l4.500 4.500L19 7.500",
  warn: "M12 4L2.500 20h19zM12 10v4.500M12 17.500v.01",
  info: "M12 21a9 9 0 1 0 0-18a9 9 0 0 0 0 18M12 11v5M12 8v.01",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
  right: "M9 5l7 7-7 7",
  edit: "M4 20l1-4L16 5l3 3L8 19z",
  clock: "M12 21a9 9 0 1 0 0-18a9 9 0 0 0 0 18M12 7v5l3.500 2",
  out: "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth={1.8} strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false" style={{ flex: "none" }}>
      <path d={PATHS[name]} />
    </svg>
  );
}
