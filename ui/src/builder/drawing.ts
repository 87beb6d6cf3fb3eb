/** What all parts of the visual builder share: the groups, what may be named, and what takes a change. */
import { createContext, useContext } from "react";
import type { Names, SegmentRow } from "../api";
import type { Group } from "./tree";

export type Drawing = { group: Group; names: Names | undefined; segments: SegmentRow[]; own: string; change: (group: Group) => void };
export const Drawn = createContext<Drawing | null>(null);

export function useDrawing(): Drawing {
  const drawing = useContext(Drawn);
  if (!drawing) throw new Error("outside of a drawing");
  return drawing;
}
