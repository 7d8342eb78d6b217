import type { Page } from 'playwright-core';

/**
 * Checks that run inside of the page. They are text, because the code of this repository is compiled for Node and
 * knows no `document`.
 */

export interface Contrast {
  text: string;
  ratio: number;
}

const CONTRASTS = `(() => {
  const rgb = color => color.match(/[\\d.]+/g).map(Number);
  const luminance = color => {
    const [r, g, b] = rgb(color).map(value => value / 255)
      .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = element => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (rgb(color)[3] !== 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const ratio = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const texts = [...document.querySelectorAll('body *')]
    .filter(element => element.checkVisibility())
    .filter(element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim() !== ''))
    .filter(element => !['STYLE', 'SCRIPT', 'NOSCRIPT'].includes(element.tagName))
    .map(element => ({
      text: element.textContent.trim().slice(0, 40),
      ratio: ratio(getComputedStyle(element).color, background(element)),
    }));
  const bars = [...document.querySelectorAll('progress')].filter(bar => bar.checkVisibility()).map(bar => ({
    text: 'bar',
    ratio: 1.5 * ratio(getComputedStyle(bar).borderTopColor, background(bar.parentElement)),
  }));
  return [...texts, ...bars];
})()`;

/** The contrasts of all visible texts; those of bars are scaled, so that 4.5 is what is asked of both (WCAG AA). */
export function contrasts(page: Page): Promise<Contrast[]> {
  return page.evaluate<Contrast[]>(CONTRASTS);
}

/** By how many pixels the page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

/** Whether something sticks out of the box that holds it, as it would over a neighbour's. */
export function sticksOut(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('th, td, li, article')]
    .filter(element => element.checkVisibility() && element.scrollWidth > element.clientWidth + 1)
    .map(element => element.textContent.slice(0, 40))`);
}

/** Everything that can be used and is visible, as `tag#id`. */
export function controls(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('button, summary, a[href], input')]
    .filter(element => element.checkVisibility()).map(element => element.tagName + '#' + element.id)`);
}

/** What has the focus, and how wide the line is that shows it. */
export function focused(page: Page): Promise<{ name: string; outline: number }> {
  return page.evaluate<{ name: string; outline: number }>(`({
    name: document.activeElement.tagName + '#' + document.activeElement.id,
    outline: getComputedStyle(document.activeElement).outlineStyle === 'none'
      ? 0 : Number.parseFloat(getComputedStyle(document.activeElement).outlineWidth),
  })`);
}

export async function openAllDetails(page: Page): Promise<void> {
  await page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })");
}
