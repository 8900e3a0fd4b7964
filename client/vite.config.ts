import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env.LAMELLA_SERVER ?? "http://127.0.0.1:8080";

/** Nothing inline: the page runs under a content security policy without exceptions. */
export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  plugins: [react()],
  build: {
    outDir: resolve(import.meta.dirname, "../.build/web"),
    emptyOutDir: true,
    manifest: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The workspace in one piece: what a page may weigh is held by a test, gzipped and as a sum.
    chunkSizeWarningLimit: 1200,
  },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/api": server,
      "/tiles": server,
      "/iiif": server,
      "/sync": { target: server, ws: true },
    },
  },
});
