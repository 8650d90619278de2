// The records of this disc, from the data in the page. Whatever comes from there is set as text, never as HTML.
'use strict';
(function () {
  const data = JSON.parse(document.getElementById('data').textContent);
  const words = {
    zh: {
      other: 'English', title: '执法音像记录光盘', search: '搜索案件、当事人、执法人员、文件名……', more: '显示更多',
      disc: (d) => `标号 ${d.set} · 第 ${d.disc} 张，共 ${d.discs} 张`, found: (n, all) => `${n} 条记录（本盘共 ${all} 条）`,
      kinds: { video: '视频', audio: '音频', image: '照片', other: '其他' }, allKinds: '全部类型', allYears: '全部年份',
      allSections: '全部科室', year: (y) => `${y} 年`, files: '文件', stored: '入库时间', none: '没有符合条件的记录',
      open: '打开', save: '另存', elsewhere: '本记录的其他文件在本组的其他光盘上', onDisc: (n) => `第 ${n} 张`,
      rest: '以上分段的其余部分在本组的其他光盘上',
      part: (k, n) => `分段 ${k} / ${n}：该文件大于一张光盘，合并方法见“说明.txt”。`,
      unplayable: '浏览器不能播放这种格式，请另存后用播放器打开。',
      integrity: '完整性说明', bytes: '字节',
      statement: (d) => `本盘由${d.unit}于 ${d.made}（${d.zone}）制作，制作人 ${d.producer}，一式两份，同一代的两份逐字节相同。` +
        (d.generation > 1 ? `本盘为第 ${d.generation} 代，首次制作于 ${d.first}，记录相同，映像不同。` : '') +
        `每个文件的 SHA-256 值见 manifest-sha256.txt；入库时的校验值同时记入档案库 ${d.vault} 的签名日志，证明见 journal 文件夹。`,
      check: 'Windows 运行 verify.ps1，Linux、macOS 运行 verify.sh，即可核对本盘全部文件；方法见“说明.txt”。本页不访问网络。',
      key: '日志公钥', readme: '说明.txt',
    },
    en: {
      other: '中文', title: 'Law-enforcement recordings', search: 'Search cases, parties, officers, file names …', more: 'Show more',
      disc: (d) => `Set ${d.set} · disc ${d.disc} of ${d.discs}`, found: (n, all) => `${n} of the ${all} records on this disc`,
      kinds: { video: 'video', audio: 'audio', image: 'photos', other: 'other' }, allKinds: 'all kinds', allYears: 'all years',
      allSections: 'all sections', year: (y) => y, files: 'Files', stored: 'taken in', none: 'No record is like that',
      open: 'Open', save: 'Save', elsewhere: 'Other files of this record are on other discs of this set', onDisc: (n) => `disc ${n}`,
      rest: 'The other pieces of these files are on other discs of this set',
      part: (k, n) => `Piece ${k} of ${n}: the file is larger than a disc. README.txt says how to join it.`,
      unplayable: 'Browsers cannot play this format: save it and open it in a player.',
      integrity: 'Integrity', bytes: 'bytes',
      statement: (d) => `Made by ${d.unit} (${d.producer}) on ${d.made} (${d.zone}), in two copies; those of one generation are the same byte for byte. ` +
        (d.generation > 1 ? `This is generation ${d.generation}, first made on ${d.first}: the same records, another image. ` : '') +
        `manifest-sha256.txt has the SHA-256 of every file; the digests taken at intake also stand in the signed journal ` +
        `of the vault ${d.vault}, and the folder journal proves it.`,
      check: 'verify.ps1 (Windows) and verify.sh (Linux, macOS) check every file; see README.txt. This page does not use the network.',
      key: 'Key of the journal', readme: 'README.txt',
    },
  };
  const PAGE = 200; // records, or files of one record, shown at a time
  let language = /^zh/i.test(navigator.language || 'zh') ? 'zh' : 'en';
  let shown = [];
  let listed = 0;
  let chosen = null;

  const byId = (id) => document.getElementById(id);
  const said = (pair) => pair[language === 'zh' ? 0 : 1];

  function make(tag, properties, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties || {})) {
      if (name in element) element[name] = value; else element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }

  function sized(bytes) {
    const units = ['KB', 'MB', 'GB', 'TB'];
    let size = bytes, unit = '';
    for (const next of units) { if (size < 1000) break; size /= 1000; unit = next; }
    const exact = `${bytes.toLocaleString('en')} ${words[language].bytes}`;
    return unit ? `${size.toFixed(size < 10 ? 1 : 0)} ${unit} (${exact})` : exact;
  }

  // Search and filters

  const choices = { section: '', year: '', kind: '' };
  for (const record of data.records) {
    record.kinds = new Set(record.files.map((file) => file.kind));
    const texts = [record.number, ...record.facts.flatMap((fact) => fact.slice(1)), ...record.files.map((file) => file.name)];
    record.haystack = texts.join('\n').toLowerCase();
  }

  function fits(record, needles) {
    return (!choices.section || record.section === choices.section) && (!choices.year || record.year === choices.year) &&
      (!choices.kind || record.kinds.has(choices.kind)) && needles.every((needle) => record.haystack.includes(needle));
  }

  function filter() {
    const needles = byId('words').value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = data.records.filter((record) => fits(record, needles));
    listed = 0;
    byId('records').replaceChildren();
    byId('count').textContent = words[language].found(shown.length, data.records.length);
    if (!shown.includes(chosen)) chosen = shown[0] || null;
    list();
    tell();
  }

  function list() {
    const lines = shown.slice(listed, listed + PAGE).map((record) => {
      const button = make('button', { type: 'button', onclick: () => choose(record, button) },
        make('span', { className: 'what', textContent: record.title || record.number }),
        make('span', { className: 'who' },
          make('span', { className: 'number', textContent: record.number }), make('span', { textContent: record.when })));
      if (record === chosen) button.setAttribute('aria-current', 'true');
      return make('li', null, button);
    });
    byId('records').append(...lines);
    listed += lines.length;
    byId('more').hidden = listed >= shown.length;
  }

  function choose(record, button) {
    const before = byId('records').querySelector('[aria-current]');
    if (before) before.removeAttribute('aria-current');
    button.setAttribute('aria-current', 'true');
    chosen = record;
    tell();
    byId('record').scrollTop = 0;
  }

  function options(name, values, all, label) {
    const select = make('select', { id: name, onchange: () => { choices[name] = select.value; filter(); } });
    select.setAttribute('aria-label', all);
    select.append(make('option', { value: '', textContent: all }));
    for (const value of values) select.append(make('option', { value, textContent: label(value) }));
    select.value = choices[name];
    return values.length > 1 ? select : null;
  }

  function distinct(values) {
    return [...new Set(values)].filter(Boolean).sort();
  }

  // One record

  function player(file) {
    if (file.part) return null;
    if (file.kind === 'image') return make('a', { href: file.href }, make('img', { src: file.href, alt: file.name, loading: 'lazy' }));
    if (!file.plays) return null;
    const element = make(file.kind, { src: file.href, controls: true, preload: 'metadata' });
    element.onerror = () => element.replaceWith(make('p', { className: 'note', textContent: words[language].unplayable }));
    return element;
  }

  function card(file) {
    const w = words[language];
    const unplayable = !file.part && !file.plays && (file.kind === 'video' || file.kind === 'audio');
    return make('div', { className: 'card file' }, player(file),
      make('div', { className: 'told' },
        make('p', { className: 'named', textContent: file.name }),
        make('p', { className: 'sized', textContent: `${w.kinds[file.kind]} · ${sized(file.size)}` }),
        file.part ? make('p', { className: 'note', textContent: w.part(...file.part) }) : null,
        unplayable ? make('p', { className: 'note', textContent: w.unplayable }) : null,
        make('p', { className: 'links' },
          file.opens ? make('a', { href: file.href, target: '_blank', rel: 'noopener', textContent: w.open }) : null,
          make('a', { href: file.href, download: file.saved, textContent: w.save })),
        make('code', { className: 'sha', textContent: `SHA-256 ${file.sha256}` })));
  }

  function fact(label, value) {
    return make('div', { className: value.length > 22 ? 'long' : '' },
      make('dt', { textContent: label }), make('dd', { textContent: value }));
  }

  function tell() {
    const w = words[language];
    const article = byId('record');
    for (const media of article.querySelectorAll('video, audio')) media.pause();
    if (!chosen) {
      article.replaceChildren(make('p', { className: 'none', textContent: w.none }));
      return;
    }
    const files = make('div', { className: 'files' });
    const more = make('button', { type: 'button', textContent: w.more });
    let count = 0;
    const next = () => {
      files.append(...chosen.files.slice(count, count + PAGE).map(card));
      count += PAGE;
      more.hidden = count >= chosen.files.length;
    };
    more.onclick = next;
    next();
    const named = ([name, discs]) => language === 'zh'
      ? `${name}（${discs.map(w.onDisc).join('、')}）` : `${name} (${discs.map(w.onDisc).join(', ')})`;
    const away = (what, begun) => {
      const files = chosen.elsewhere.filter((file) => file[2] === begun).slice(0, PAGE).map(named);
      const line = language === 'zh' ? `${what}：${files.join('；')}` : `${what}: ${files.join('; ')}`;
      return files.length ? make('p', { className: 'note', textContent: line }) : null;
    };
    article.replaceChildren(
      make('p', { className: 'number', textContent: chosen.number }),
      make('h2', { textContent: chosen.title || chosen.number }),
      make('dl', { className: 'card facts' },
        ...chosen.facts.map(([label, ...texts]) => fact(said(data.labels[label]), said(texts) || texts[0])),
        fact(w.stored, chosen.stored)),
      make('h3', { textContent: `${w.files} · ${chosen.files.length}` }),
      files, more, ...[away(w.rest, true), away(w.elsewhere, false)].filter(Boolean));
  }

  // The page around

  function frame() {
    const w = words[language], d = data.disc;
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    document.title = `${w.title} ${d.volume}`;
    byId('unit').textContent = d.unit;
    byId('title').textContent = d.activity || `${w.title} ${d.volume}`;
    byId('sub').textContent = `${d.activity ? w.title + ' ' + d.volume + ' · ' : ''}${w.disc(d)} · ${d.made}`;
    byId('language').textContent = w.other;
    byId('words').placeholder = w.search;
    byId('words').setAttribute('aria-label', w.search);
    byId('more').textContent = w.more;
    byId('filters').replaceChildren(...[
      options('section', distinct(data.records.map((record) => record.section)), w.allSections, (value) => value),
      options('year', distinct(data.records.map((record) => record.year)), w.allYears, w.year),
      options('kind', distinct(data.records.flatMap((record) => [...record.kinds])), w.allKinds, (value) => w.kinds[value]),
    ].filter(Boolean));
    byId('integrity').replaceChildren(make('details', null,
      make('summary', { textContent: `${w.integrity} · ${d.volume}` }),
      make('p', { textContent: w.statement(d) }), make('p', { textContent: w.check }),
      d.key ? make('p', null, `${w.key} `, make('code', { className: 'sha', textContent: d.key })) : null,
      make('p', null, ...[w.readme, '清单.csv', 'manifest-sha256.txt', 'disc.json'].map((name) =>
        make('a', { href: encodeURIComponent(name), textContent: name })))));
  }

  byId('language').onclick = () => { language = language === 'zh' ? 'en' : 'zh'; frame(); filter(); };
  byId('more').onclick = list;
  let waiting;
  byId('words').oninput = () => { clearTimeout(waiting); waiting = setTimeout(filter, 120); };
  frame();
  filter();
})();
