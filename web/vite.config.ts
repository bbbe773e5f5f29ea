// Builds the dashboard into the Python package. Addresses are relative to the page's <base>, so that it works below
// any path of a proxy.

import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  build: {
    outDir: fileURLToPath(new URL("../server/draftsmith/web/static", import.meta.url)),
    emptyOutDir: true,
    target: "es2022",
    // The page's policy allows no address of data as a script or font.
    assetsInlineLimit: 0,
    // No preload helper without need: each page is one or two chunks.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
  },
});
