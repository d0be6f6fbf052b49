(() => {
  const byId = (id) => document.getElementById(id);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const flows = all('.flow');
  const wanted = { text: '', status: '', device: '', role: '', source: '', target: '' };
  const texts = new Map();
  const fields = {
    text: byId('filter-text'),
    status: byId('filter-status'),
    device: byId('filter-device'),
    role: byId('filter-role'),
  };
  const pair = byId('filter-pair');
  const everything = byId('shown')?.textContent;

  const textOf = (flow) => {
    if (!texts.has(flow)) texts.set(flow, flow.textContent.toLowerCase().replace(/\s+/g, ' '));
    return texts.get(flow);
  };
  const fits = (flow) =>
    wanted.text.split(' ').every((word) => textOf(flow).includes(word)) &&
    (wanted.status === '' || flow.dataset.status === wanted.status) &&
    (wanted.device === '' || flow.dataset.devices.split(' ').includes(wanted.device)) &&
    (wanted.role === '' || flow.dataset.roles.split(' ').includes(wanted.role)) &&
    (wanted.source === '' || (flow.dataset.source === wanted.source && flow.dataset.target === wanted.target));

  const apply = () => {
    let shown = 0;
    for (const flow of flows) {
      flow.hidden = !fits(flow);
      if (!flow.hidden) shown += 1;
    }
    byId('shown').textContent = shown === flows.length ? everything : `${shown} of ${flows.length} requirements shown`;
    byId('filter-clear').disabled = Object.values(wanted).every((value) => value === '');
  };
  const set = (changes) => {
    Object.assign(wanted, changes);
    for (const [name, field] of Object.entries(fields))
      if (field.value.trim().toLowerCase() !== wanted[name]) field.value = wanted[name];
    pair.hidden = wanted.source === '';
    apply();
  };
  const nothing = { text: '', status: '', device: '', role: '', source: '', target: '' };

  const show = () => {
    const flow = location.hash.length > 1 ? byId(decodeURIComponent(location.hash.slice(1))) : null;
    if (!flow?.classList.contains('flow')) return;
    if (flow.hidden) set(nothing);
    flow.open = true;
    flow.scrollIntoView();
    flow.querySelector('summary').focus({ preventScroll: true });
  };

  const start = () => {
    document.querySelector('.filters').hidden = false;
    fields.text.addEventListener('input', () => set({ text: fields.text.value.trim().toLowerCase().replace(/\s+/g, ' ') }));
    for (const name of ['status', 'device', 'role'])
      fields[name].addEventListener('change', () => set({ [name]: fields[name].value }));
    byId('filter-clear').addEventListener('click', () => set(nothing));
    pair.addEventListener('click', () => set({ source: '', target: '' }));
    byId('unfold').addEventListener('click', () => {
      const open = flows.some((flow) => !flow.hidden && !flow.open);
      for (const flow of flows) if (!flow.hidden) flow.open = open;
      byId('unfold').textContent = open ? 'Fold all' : 'Unfold all';
    });
    for (const link of all('[data-pick-status]'))
      link.addEventListener('click', () => set({ ...nothing, status: link.dataset.pickStatus }));
    for (const link of all('[data-pick-source]'))
      link.addEventListener('click', () => {
        pair.textContent = `${link.dataset.label} ✕`;
        set({ ...nothing, source: link.dataset.pickSource, target: link.dataset.pickTarget });
      });
    for (const link of all('a[href^="#flow-"]'))
      link.addEventListener('click', () => {
        if (location.hash === link.getAttribute('href')) show();
      });
    set(nothing);
  };

  // Where the style cannot unfold details on paper, older browsers open them for as long as printing takes.
  if (!CSS.supports('selector(details::details-content)')) {
    let folded = [];
    addEventListener('beforeprint', () => {
      folded = all('details:not([open], .opening, .wide, .lines)');
      for (const details of folded) details.open = true;
    });
    addEventListener('afterprint', () => {
      for (const details of folded) details.open = false;
    });
  }
  addEventListener('hashchange', show);
  if (flows.length > 0) start();
  show();
})();
