/** Whether the address is still that of the view that asks: it stays on the screen while the next one's code loads. */
import { useCallback } from "react";
import { useLocation } from "react-router";

export function useIsHere(): () => boolean {
  const { pathname } = useLocation();
  return useCallback(() => decodeURI(location.hash.slice(1).split("?")[0] || "/") === pathname, [pathname]);
}
