// Sites (files, configuration, script) and requests to them. A request with `differs` is answered
// otherwise on purpose, with `status`; the text says why.
const pages = {
  "index.html": "<h1>home</h1>",
  "about.html": "<h1>about</h1>",
  "docs/index.html": "<h1>docs</h1>",
  "docs/intro.html": "<h1>intro</h1>",
  "both.html": "file",
  "both/index.html": "folder",
  "deep/index": "no extension",
  "deep/index.html": "deep index",
  "plain.txt": "text",
  "app.js": "let a;",
  "style.css": "a{}",
  "data.json": "{}",
  "a b.txt": "blank",
  "ä.txt": "umlaut",
  "(x)!'~.txt": "marks",
  "100%.txt": "percent",
  "empty.txt": "",
  "no-extension": "none",
  "LICENSE": "licence",
  ".well-known/security.txt": "dots",
  "x.unknown": "?",
};

const paths = [
  "/", "/index.html", "/index", "/index/", "/about", "/about/", "/about.html", "/about.html/", "/about/index",
  "/about/index.html", "/docs", "/docs/", "/docs.html", "/docs/index", "/docs/index.html", "/docs/index/",
  "/docs/intro", "/docs/intro/", "/docs/intro.html", "/both", "/both/", "/both.html", "/both/index",
  "/both/index.html", "/deep", "/deep/", "/deep/index", "/deep/index.html", "/deep.html", "/plain.txt", "/plain.txt/", "/plain",
  "/app.js", "/style.css", "/data.json", "/a%20b.txt", "/%61%20b.txt", "/a+b.txt", "/%C3%A4.txt", "/%c3%a4.txt",
  "/(x)!'~.txt", "/%28x%29!%27~.txt", "/100%25.txt", "/100%.txt", "/empty.txt", "/no-extension", "/LICENSE",
  "/.well-known/security.txt", "/x.unknown", "/missing", "/missing/", "/missing.html", "/docs/missing/deeper",
  "/about?x=1&y", "/about.html?x=1", "/docs?x", "//about", "//about.html", "/docs//intro", "/docs/../about", "/docs/%2e%2e/about",
  "/../about", "/%2e%2e%2fabout", "/docs/./intro", "/docs\\intro", "/docs%2Fintro", "/%00", "/%ff", "/%", "/about%00",
  "/a%20b.txt?q=a%20b", "/ABOUT", "/about.HTML",
];

const methods = [
  { method: "HEAD", path: "/about" },
  { method: "HEAD", path: "/about.html" },
  { method: "HEAD", path: "/missing" },
  { method: "POST", path: "/about" },
  { method: "PUT", path: "/about.html" },
  { method: "DELETE", path: "/missing" },
  { method: "OPTIONS", path: "/plain.txt" },
  { path: "/about", headers: { Authorization: "x" } },
  { path: "/missing", headers: { "Sec-Fetch-Mode": "navigate" } },
  { path: "/about", headers: { "Sec-Fetch-Mode": "navigate" } },
  { path: "/about", headers: { "If-None-Match": '"none"' } },
];

const script = `export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname.startsWith("/assets-of/")) {
      const answer = await env.ASSETS.fetch(new URL(url.pathname.slice(10) + url.search, url), { redirect: "manual", method: request.method });
      const headers = new Headers(answer.headers);
      headers.set("x-a", "through the script");
      return new Response(answer.body, { status: answer.status, headers });
    }
    return new Response("script: " + request.method + " " + url.pathname, { headers: { "x-b": "script" } });
  },
};`;

const through = [
  "/assets-of/about", "/assets-of/about.html?x=1", "/assets-of/missing", "/assets-of/plain.txt", "/assets-of/docs",
  { method: "HEAD", path: "/assets-of/plain.txt" }, { method: "POST", path: "/assets-of/plain.txt" },
];

const handlings = ["auto-trailing-slash", "force-trailing-slash", "drop-trailing-slash", "none"];

export const sites = {
  ...Object.fromEntries(
    handlings.map((html_handling) => [
      `assets alone, ${html_handling}`,
      { files: pages, assets: { html_handling }, requests: [...paths, ...methods] },
    ]),
  ),
  "404-page": {
    files: { ...pages, "404.html": "not here", "docs/404.html": "not in docs" },
    assets: { not_found_handling: "404-page" },
    requests: [...paths, ...methods, "/docs/a/b/c", "/404", "/404.html", { method: "HEAD", path: "/docs/none" }],
  },
  "404-page without a page": {
    files: { "index.html": "home" }, assets: { not_found_handling: "404-page" }, requests: ["/", "/x", "/x/y"],
  },
  "single-page-application": {
    files: pages, assets: { not_found_handling: "single-page-application" }, requests: [...paths, ...methods],
  },
  "single-page-application, drop-trailing-slash": {
    files: pages,
    assets: { not_found_handling: "single-page-application", html_handling: "drop-trailing-slash" },
    requests: [...paths, ...methods],
  },
  "with a script": { files: pages, script, requests: [...paths, ...methods, ...through] },
  "with a script and an application": {
    files: pages, script, assets: { not_found_handling: "single-page-application" },
    requests: [...methods, ...through, "/missing", "/", { path: "/callback", headers: { "Sec-Fetch-Mode": "navigate" } }],
  },
  "an application before navigation preferred assets": {
    files: pages, script, date: "2025-03-31", assets: { not_found_handling: "single-page-application" }, requests: methods,
  },
  "an application where navigation has no effect": {
    files: pages, script, flags: ["assets_navigation_has_no_effect"],
    assets: { not_found_handling: "single-page-application" }, requests: methods,
  },
  "the script first": { files: pages, script, assets: { run_worker_first: true }, requests: [...methods, ...through, "/", "/plain.txt"] },
  "the script first for some": {
    files: { ...pages, "api/a.txt": "a", "api/docs/b.txt": "b" }, script,
    assets: { run_worker_first: ["/api/*", "!/api/docs/*", "/plain.txt"], not_found_handling: "single-page-application" },
    requests: ["/api/a.txt", "/api/docs/b.txt", "/api/docs/none", "/api/", "/api", "/plain.txt", "/plain.txt/x", "/about", "/missing",
      { method: "POST", path: "/missing" }, { method: "POST", path: "/api/x" }],
  },
  _headers: {
    files: {
      ...pages,
      _headers: `# comment
/*
  X-A: everywhere
  Cache-Control: public, max-age=60
/docs/*
  X-A: docs
  X-B: :splat
/plain.txt
  ! X-A
  ! Cache-Control
  X-C: one
  X-C: two
/:page
  X-C: page :page
https://site.example/app.js
  X-B: by host
https://:sub.example/style.css
  X-B: sub :sub
/data.json
  Content-Type: application/vnd.x+json
  bad line
/two/*/*
  X-B: never
/missing
  X-B: also for nothing
/about.html
  X-B: also for redirects
/empty
`,
    },
    requests: ["/", "/docs/intro", "/docs/", "/docs", "/plain.txt", "/about", "/about.html", "/app.js", "/style.css", "/data.json",
      "/missing", "/a%20b.txt", { method: "POST", path: "/plain.txt" }, { method: "HEAD", path: "/app.js" },
      { path: "/app.js", headers: { Host: "other.example" } }],
  },
  "_headers with a script": {
    files: { ...pages, _headers: "/*\n  X-A: assets only\n" }, script,
    requests: ["/", "/missing", "/about.html", { path: "/assets-of/about" }],
  },
  _redirects: {
    files: {
      ...pages,
      _redirects: `/old /about
/old-301 /about 301
/old-303 /about?a=b 303
/old-307 https://other.example/x#y 307
/old-308 https://other.example/x?q=1#y 308
/hash /about#part
/about /docs/ 302
/serve /plain.txt 200
/serve-page /docs/intro 200
/bad
/bad too many words here
/bad-status /about 404
/proxy https://other.example/ 200
/noslash about
/ftp ftp://x
/dup /one
/dup /two
/blog/* /posts/:splat
/news/:year/:slug /archive/:slug?year=:year 301
/go/* https://:splat.example/ 302
/self/* /:splat
/rewrite/* /docs/:splat 200
/late /after-dynamic
/* /index.html 200
`,
    },
    requests: ["/old", "/old?x=1", "/old-301", "/old-303?x=1", "/old-307?x=1", "/old-308?x=1", "/hash?x", "/about", "/serve", "/serve-page", "/bad",
      "/bad-status", "/proxy", "/noslash", "/ftp", "/dup", "/blog/a/b", "/blog/", "/blog", "/news/2026/x", "/news/2026", "/go/a", "/self/a", "/self//evil.example/x",
      "/rewrite/intro", "/rewrite/none", "/late", "/missing", { method: "POST", path: "/old" }, { method: "HEAD", path: "/blog/x" }, "/old/", "/OLD",
      "/news/a%20b/c%2Fd"],
  },
  "_redirects with a script": {
    files: { ...pages, _redirects: "/old /about 301\n/api /script-is-not-asked 302\n/nowhere /none 200\n" }, script,
    requests: ["/old", "/api", "/other",
      { path: "/nowhere", differs: "here, a rewrite to what nothing answers leaves the request to the script", status: 200 }],
  },
  ".assetsignore": {
    files: { ...pages, ".assetsignore": "*.css\n/docs\n!docs/index.html\n", _headers: "", _redirects: "" },
    requests: ["/style.css", "/docs/", "/docs/intro", "/plain.txt", "/.assetsignore", "/_headers", "/_redirects"],
  },
  "media types": {
    files: Object.fromEntries(
      `3gp 7z aac ai apk apng appcache atom avi avif bin bmp bz2 cjs coffee conf css csv deb dmg doc docx eot eps epub exe flv geojson gif glb gltf gz
       heic heif htm html ico ics ini jar jp2 jpeg jpg js json json5 jsonld jsx jxl less log m3u8 m4a m4v map markdown md mdx mid mjs mkv mov mp3 mp4
       mpd mpeg mpg oga ogg ogv opus otf pdf php png ppt pptx ps rar rdf rss rtf scss sass sh shtml sql svg svgz swf tar text tgz tif tiff toml ts ttf txt vcf vtt
       wasm wav weba webm webmanifest webp wmv woff woff2 xhtml xls xlsx xml xsd xsl xslt yaml yml zip flac br hjson tsx mts vue wgsl`
        .split(/\s+/).map((extension) => [`f.${extension}`, extension]),
    ),
    assets: { html_handling: "none" },
    requests: `3gp 7z aac ai apk apng appcache atom avi avif bin bmp bz2 cjs coffee conf css csv deb dmg doc docx eot eps epub exe flv geojson gif glb gltf gz
       heic heif htm html ico ics ini jar jp2 jpeg jpg js json json5 jsonld jsx jxl less log m3u8 m4a m4v map markdown md mdx mid mjs mkv mov mp3 mp4
       mpd mpeg mpg oga ogg ogv opus otf pdf php png ppt pptx ps rar rdf rss rtf scss sass sh shtml sql svg svgz swf tar text tgz tif tiff toml ts ttf txt vcf vtt
       wasm wav weba webm webmanifest webp wmv woff woff2 xhtml xls xlsx xml xsd xsl xslt yaml yml zip flac br hjson tsx mts vue wgsl`
      .split(/\s+/).map((extension) => `/f.${extension}`),
  },
  ranges: {
    files: { "plain.txt": "0123456789" },
    requests: [
      { path: "/plain.txt", headers: { Range: "lines=0-1" } },
      { path: "/plain.txt", headers: { Range: "bytes=0-1" }, differs: "Cloudflare's cache answers ranges, before the asset worker; miniflare has none", status: 206 },
      { path: "/plain.txt", headers: { Range: "bytes=20-" }, differs: "likewise", status: 416 },
    ],
  },
};
