// Runs inside the page, before its own script: what the browser tests ask of the document.
document.addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective}`));

const rgb = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);

const luminance = (colour) => {
  const [red, green, blue] = rgb(colour).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

const behind = (element) => {
  for (let at = element; at !== null; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if ((rgb(colour)[3] ?? 1) > 0) return colour;
  }
  return 'rgb(255, 255, 255)';
};

const ratioOf = (element) => {
  const [light, dark] = [luminance(getComputedStyle(element).color), luminance(behind(element))].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};

const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');

window.inPage = {
  paper: () => luminance(getComputedStyle(document.body).backgroundColor),
  overflow: () => document.documentElement.scrollWidth - window.innerWidth,
  focused: () => document.activeElement.textContent,
  unfold: (selector = 'details') => {
    for (const details of document.querySelectorAll(selector)) details.open = true;
  },
  intrude: () => {
    const script = document.createElement('script');
    script.textContent = 'window.intruder = true';
    document.body.append(script);
    return 'intruder' in window;
  },
  /** Texts below the contrast that WCAG AA asks for. */
  faint: () =>
    [...document.querySelectorAll('body *')]
      .filter(
        (element) => hasText(element) && element.offsetParent !== null && !element.matches(':disabled, option, script, style'),
      )
      .filter((element) => ratioOf(element) < 4.5)
      .map((element) => `${element.className}: ${element.textContent.slice(0, 40)}`),
};
