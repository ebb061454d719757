// Unpacks the Chromium of the lock into TMPDIR: the browser, the libraries that a bare system lacks, a font.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { inflate } from "@sparticuz/chromium";

const entry = createRequire(import.meta.url).resolve("@sparticuz/chromium");
const bin = join(dirname(entry), "..", "bin");
for (const part of ["al2023.tar.br", "fonts.tar.br", "swiftshader.tar.br", "chromium.br"]) await inflate(join(bin, part));
