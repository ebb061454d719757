// Opens pages in a real browser that reaches nothing, asks axe-core about them, and takes their pictures.
// In: a JSON file {chromium, environment, profile, folder, pages: [{name, html, headers}]}. Out: JSON on standard output.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import puppeteer from "puppeteer-core";

const asked = JSON.parse(readFileSync(process.argv[2], "utf8"));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const ORIGIN = "http://profile.invalid/";
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=direct://",
];
const SCREENS = { wide: { width: 1000, height: 1200 }, narrow: { width: 340, height: 700 } };

const browser = await puppeteer.launch({
  executablePath: asked.chromium,
  headless: "shell",
  args: FLAGS,
  userDataDir: asked.profile,
  env: { ...process.env, ...asked.environment },
});

async function look(given, screen, picture) {
  const page = await browser.newPage();
  const refused = [], complaints = [];
  let isShooting = false;
  await page.setViewport(SCREENS[screen]);
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    if (request.url() === ORIGIN) request.respond({ status: 200, headers: given.headers, body: given.html });
    else if (isShooting && request.url().startsWith("data:")) request.continue(); // the browser's own grey filter
    else { refused.push(request.url()); request.abort(); }
  });
  page.on("console", (message) => complaints.push(message.text()));
  await page.goto(ORIGIN);
  for (const summary of await page.$$("summary")) await summary.evaluate((each) => { each.parentElement.open = true; });
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations", "incomplete"] }));
  const short = (rules) => rules.map((rule) => ({ id: rule.id, help: rule.help, nodes: rule.nodes.map((node) => node.html) }));
  for (const summary of await page.$$("summary")) await summary.evaluate((each) => { each.parentElement.open = false; });
  const overflows = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  const pictures = [];
  const shoot = async (suffix) => {
    const path = join(asked.folder, `${given.name}-${screen}${suffix}.png`);
    await page.screenshot({ path, fullPage: true });
    pictures.push(path);
  };
  isShooting = true;
  if (picture) {
    await shoot("");
    await page.emulateVisionDeficiency("achromatopsia");
    await shoot("-grey");
    await page.emulateVisionDeficiency("none");
  }
  let printed = null;
  if (screen === "wide") {
    printed = join(asked.folder, `${given.name}-printed.pdf`);
    await page.pdf({ path: printed, preferCSSPageSize: true, printBackground: true });
  }
  const words = await page.evaluate(() => document.body.innerText);
  await page.close();
  return {
    name: given.name, screen, violations: short(found.violations), incomplete: short(found.incomplete),
    rules: found.passes.length, refused, complaints, overflows, pictures, printed, words,
  };
}

const looks = [];
for (const given of asked.pages) {
  looks.push(await look(given, "wide", true));
  looks.push(await look(given, "narrow", given === asked.pages[0]));
}
const version = await browser.version();
await browser.close();
process.stdout.write(JSON.stringify({ version, looks }));
