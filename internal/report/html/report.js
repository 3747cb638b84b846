"use strict";
// The report is whole without this script, which adds search, filters, sorting
// and statements in their places. It makes no markup out of text: what it adds
// are clones of nodes that are there, and textContent.
(() => {
	const root = document.documentElement;
	const by = (id) => document.getElementById(id);
	root.classList.add("js");

	by("theme").addEventListener("click", () => {
		const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
		root.dataset.theme = dark ? "light" : "dark";
	});

	const groups = Array.from(document.querySelectorAll(".rule"), (element) => ({
		element,
		count: element.querySelector(".rule-count"),
		affected: element.querySelector(".rule-count").textContent,
		head: element.querySelector("summary").textContent.toLowerCase(),
		findings: Array.from(element.querySelectorAll(".f"), (f) => ({ element: f, ...f.dataset, text: null })),
	}));
	const rows = Array.from(document.querySelectorAll("#table tbody tr"), (element) => ({
		element, kind: element.dataset.kind,
		text: (element.textContent + " " + (element.querySelector("[title]")?.title ?? "")).toLowerCase(),
	}));
	const total = groups.reduce((n, g) => n + g.findings.length, 0);
	const fields = { severity: by("severity"), category: by("category"), kind: by("kind") };
	const query = by("q");

	// textOf is what a search looks at, made when the first search needs it.
	const textOf = (f) => (f.text ??= f.element.textContent.toLowerCase());
	const has = (text, words) => words.every((w) => text.includes(w));

	function apply() {
		const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
		const want = Object.entries(fields).map(([name, field]) => [name, field.value]).filter(([, value]) => value);
		const filtered = words.length > 0 || want.length > 0;
		let shown = 0;
		for (const g of groups) {
			// The reader looks for all the words in a finding and the head of its rule together.
			const rest = words.filter((w) => !g.head.includes(w));
			let here = 0;
			for (const f of g.findings) {
				const pass = want.every(([name, value]) => f[name] === value) && has(rest.length ? textOf(f) : "", rest);
				f.element.hidden = !pass;
				here += pass;
			}
			g.element.hidden = here === 0;
			g.count.textContent = here === g.findings.length ? g.affected : `${here} of ${g.findings.length}`;
			shown += here;
		}
		for (const r of rows) {
			r.element.hidden = !has(r.text, words) || (fields.kind.value !== "" && r.kind !== fields.kind.value);
		}
		if (rows.length > 0 && rows.every((r) => r.element.hidden)) {
			rows.forEach((r) => { r.element.hidden = false; }); // the words are of rules, not of names
		}
		if (filtered && shown <= 60) {
			groups.forEach((g) => { g.element.open = true; });
		}
		by("nothing").hidden = shown > 0;
		by("shown").textContent = filtered ? `${shown} of ${total} findings` : `${total} findings`;
		press();
	}

	// press shows the filters on the buttons that set them.
	const buttons = Array.from(document.querySelectorAll("button[aria-pressed]"));
	function press() {
		for (const b of buttons) {
			const [name, value] = Object.entries(b.dataset)[0];
			b.setAttribute("aria-pressed", String(fields[name].value === value));
		}
	}
	for (const b of buttons) {
		const [name, value] = Object.entries(b.dataset)[0];
		b.addEventListener("click", () => {
			fields[name].value = fields[name].value === value ? "" : value;
			apply();
		});
	}

	let timer = 0;
	query.addEventListener("input", () => {
		clearTimeout(timer);
		timer = setTimeout(apply, 120);
	});
	Object.values(fields).forEach((field) => field.addEventListener("change", apply));
	by("tools").addEventListener("submit", (e) => e.preventDefault());
	by("tools").addEventListener("reset", () => setTimeout(apply, 0));
	by("toggle").addEventListener("click", (e) => {
		const open = !groups.some((g) => g.element.open && !g.element.hidden);
		groups.forEach((g) => { g.element.open = open; });
		e.currentTarget.textContent = open ? "Close all" : "Open all";
	});

	// Statements stand at the end; where a finding is opened, or a mark is
	// clicked, they come to it.
	function bring(link, actions) {
		const statement = document.querySelector(`#s${link.dataset.statement} pre`);
		if (!statement || link.nextElementSibling?.tagName === "PRE") {
			return;
		}
		const copy = statement.cloneNode(true);
		link.after(copy);
		emphasize(copy, actions);
	}
	function open(f) {
		const actions = Array.from(f.querySelectorAll(".actions code"), (c) => c.textContent.toLowerCase());
		f.querySelectorAll("[data-statement]").forEach((link) => bring(link, actions));
	}

	// emphasize marks the lines of a statement that name actions of a finding.
	function emphasize(pre, actions) {
		const code = pre.firstElementChild;
		const lines = code.textContent.split("\n");
		let inside = false;
		code.replaceChildren(...lines.flatMap((line, i) => {
			const key = line.match(/^\s*"Action":\s*(\[?)/i);
			const value = line.match(/"([^"]*)",?$/);
			const named = value && (inside || key) && actions.some((a) => glob(value[1].toLowerCase(), a));
			inside = key ? key[1] !== "" : inside && !line.trimStart().startsWith("]");
			let node = document.createTextNode(line);
			if (named) {
				node = document.createElement("mark");
				node.textContent = line.trimStart();
			}
			const indent = named ? line.slice(0, line.length - node.textContent.length) : "";
			return [indent, node, i + 1 < lines.length ? "\n" : ""];
		}));
		const first = code.querySelector("mark");
		if (first) {
			pre.scrollTop = Math.max(0, first.offsetTop - pre.offsetTop - 60);
		}
	}

	// glob matches "*" and "?" in time that does not explode, whoever wrote the pattern.
	function glob(pattern, text) {
		let [p, star, retry] = [0, -1, 0];
		for (let i = 0; i < text.length; i++) {
			if (pattern[p] === "*") {
				[star, retry] = [p++, i--];
			} else if (pattern[p] === "?" || pattern[p] === text[i]) {
				p++;
			} else if (star >= 0) {
				[p, i] = [star + 1, retry++];
			} else {
				return false;
			}
		}
		return /^\**$/.test(pattern.slice(p));
	}
	by("list").addEventListener("toggle", (e) => {
		if (e.target.classList.contains("f") && e.target.open) {
			open(e.target);
		}
	}, true);

	// An entity that is clicked is searched for.
	for (const r of rows) {
		r.element.querySelector("th").addEventListener("click", () => {
			query.value = r.element.querySelector("[title]").title || r.element.querySelector("bdi").textContent;
			apply();
			by("findings").scrollIntoView();
		});
	}

	// A table is sorted by the column that was clicked, numbers first from the top.
	const table = by("table");
	table?.querySelectorAll("thead th").forEach((th, column) => {
		th.addEventListener("click", () => {
			const down = th.getAttribute("aria-sort") !== "descending";
			table.querySelectorAll("thead th").forEach((other) => other.removeAttribute("aria-sort"));
			th.setAttribute("aria-sort", down ? "descending" : "ascending");
			const value = (row) => row.cells[column].dataset.v;
			const sorted = Array.from(table.tBodies[0].rows).sort((a, b) => {
				const [x, y] = [value(a), value(b)];
				const order = x === undefined ? b.cells[column].textContent.localeCompare(a.cells[column].textContent) : x - y;
				return down ? -order : order;
			});
			table.tBodies[0].append(...sorted);
		});
	});

	// Paper has nothing to click on: what is shown is opened, but for evidence
	// where that would be hundreds of pages.
	let closed = [];
	addEventListener("beforeprint", () => {
		const few = groups.reduce((n, g) => n + g.findings.filter((f) => !f.element.hidden).length, 0) <= 300;
		closed = Array.from(document.querySelectorAll(few ? "details:not([open])" : ".rule:not([open])"));
		closed.forEach((d) => { d.open = true; });
	});
	addEventListener("afterprint", () => closed.forEach((d) => { d.open = false; }));

	apply();
})();
