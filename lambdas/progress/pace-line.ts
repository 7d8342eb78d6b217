import { count, duration, html, type Markup, NOTHING, number } from '../report/markup.ts';
import type { ImportProgress, PaceProgress } from './progress.ts';

const MINUTE_MS = 60_000;

/** How quickly an import goes on, what of that its GitLabs allow, and how much longer it takes, as far as that is known. */
export function paceLine({ pace, hasMoreRecords }: ImportProgress): Markup {
  if (pace === null) return NOTHING;
  const { recordsPerMinute, requests, left } = pace;
  const about = hasMoreRecords ? 'At least' : 'About';
  const sentences = [
    ...(left === null ? [] : [html`<strong>${leftWords(left)} left</strong>${withoutProjects(pace)}.`]),
    ...(recordsPerMinute === null
      ? []
      : [
          html`${about} ${count(recordsPerMinute, 'record')}${pace.hasProjects ? ' of groups' : ''} a minute lately.`,
        ]),
    ...requests.map(
      ({ instance, perMinute, limit }) =>
        html`${about} ${number(perMinute)} of the ${count(limit, 'request')} a minute that the ${instance} allows.`,
    ),
  ];
  if (sentences.length === 0) return NOTHING;
  return html`<p class="bip-pace">${sentences.map((sentence, at) => html`${at === 0 ? '' : ' '}${sentence}`)}</p>`;
}

/** In whole minutes: more than that nobody knows. */
const leftWords = (milliseconds: number) =>
  milliseconds < MINUTE_MS
    ? 'Less than a minute'
    : `About ${duration(Math.ceil(milliseconds / MINUTE_MS) * MINUTE_MS)}`;

const withoutProjects = ({ hasProjects }: PaceProgress) =>
  hasProjects ? ' for the groups; projects take as long as their exports and imports do' : '';
