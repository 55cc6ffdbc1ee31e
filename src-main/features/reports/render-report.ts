/**
 * A report as one HTML file that stands alone: its style, its pictures and its data are inside, and it holds no script. A pure
 * function of its data, its pictures and the two fields that differ whenever one is written, which are marked
 * (`data-varies`) and declared in its head.
 */
import { markup, Html, type Value } from './markup/html.ts';
import { cssString, reportPolicy, styleSheet } from './markup/style.ts';
import { packData, type ReportData } from './report-data.ts';
import type { ReportImages } from './report-images.ts';
import { viewOf } from './report-view.ts';
import { checkingSection, logSection, signatures } from './sections/back.ts';
import { evidenceSection } from './sections/evidence.ts';
import { contents, findings, front, reading, titleOf, type Varying } from './sections/front.ts';
import { modelsSection } from './sections/models.ts';
import { pictureSection } from './sections/picture.ts';
import { ramp } from './sections/shared.ts';

const footCharacters = 70;

export interface ReportInput {
  data: ReportData;
  images: ReportImages;
  varying: Varying;
}

/** @throws ZodError and others where the data are no rows */
export function renderReport({ data, images, varying }: ReportInput): string {
  const view = viewOf(data);
  const title = titleOf(view);
  const style = styleSheet(cssString(`${title.slice(0, footCharacters)} / Pentimento report`), ramp);
  const meta = (name: string, content: Value): Html =>
    markup`<meta name="pentimento:${name}" content="${content}">\n`;
  const declared = [
    meta('varies', 'written log'),
    meta('written', varying.writtenAt),
    meta('log', `${varying.log.entries} ${varying.log.hash}`),
    meta('data', packData(data)),
  ];
  return markup`<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${reportPolicy(style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Pentimento ${data.programVersion}">
${declared}<title>${title}</title>
<style>${new Html(style)}</style>
</head>
<body>
${front(view, varying)}
${contents(view)}
${findings(view, images)}
${reading()}
${evidenceSection(view)}
${view.pictures.map((picture) => [pictureSection(picture, images), '\n'])}${modelsSection(view)}
${logSection(view, varying)}
${checkingSection()}
${signatures()}
</body>
</html>
`.text;
}
