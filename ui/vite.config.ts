import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The built page goes where the package serves it from; nothing of it is committed.
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../src/tesela/interfaces/web/page",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "/api": { target: "http://127.0.0.1:8377", changeOrigin: false } } },
});
