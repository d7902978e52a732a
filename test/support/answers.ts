/** Answers as models write them, with whatever Markdown they like to use. */
export const answers: Readonly<Record<string, string>> = {
  "marks of every kind":
    "Sure! **Bold**, *italic*, __also bold__, _also italic_, ***both***, ~~gone~~ and `code`.\n\nA **bold with *italic* inside** and *italic with **bold** inside*. 2 * 3 * 4 = 24, snake_case_name.",
  "headings and rules":
    "# Title\n\nIntro.\n\n## Second **bold** heading\n\nText.\n\n---\n\n### Third\nRight below.\n\nSetext\n======\n\nEnd.",
  links:
    'See [the docs](https://example.com/a_(b)?c=1&d=2 "Title") and [two **bold** words](https://example.com/x_y_z), <https://example.org/>, https://example.net/path_with_underscores?q=*a*, ![a picture](https://example.com/p.png), [not a link] and array[0].\n\n[ref]: https://example.com/ref\n',
  "nested lists":
    "Steps:\n\n1. First **step**\n   - inner `a`\n   - inner *b*\n     1. deeper\n     2. still\n2. Second\n\n   with a paragraph\n\n3. Third\n\n- [ ] open task\n- [x] done task\n* star\n+ plus\n\nDone.",
  code: 'Use this:\n\n```ts\nconst a = `x ${b}`;\n// **not bold** [not](a link)\nif (a < 3 && b > 4) {}\n```\n\nor `inline <b>` or ``a ` b``:\n\n~~~\n```\nfence in fence\n```\n~~~\n\n1. In a list:\n\n   ```sh\n   echo "hi" | wc\n   ```\n\n2. Next\n\n    indented code\n\nend',
  tables:
    "Here:\n\n| Name | Price |\n|:-----|------:|\n| Tea  | **2** |\n| `a|b` | 3 |\n\nAfter it.\n\n| What it is called | What it does all day long |\n|---|---|\n| one | nothing that anybody could see |\n| two | [link](https://example.com) |\n\nEnd",
  "tables without outer pipes": "Name | Price\n--- | ---\nTea | 2\nCoffee | 3\n\nEnd.",
  quotes: "He said:\n\n> **Quote** one\n> goes on\n>\n> > inner\n> > - list\n>\n> end\n\nafter > not a quote",
  graphemes:
    "Family 👨‍👩‍👧‍👦, flags 🇩🇪🇫🇷, England 🏴󠁧󠁢󠁥󠁮󠁧󠁿, skin 👍🏽👩🏾‍💻, heart ❤️, keycap 1️⃣, é (e\u0301), Zalgo z\u0336\u0301\u0302, Hindi नमस्ते क्षत्रिय, Thai สวัสดีครับ, Tamil நிறுத்தம், Korean 한국어 ᄒ\u1161ᆫ, **👨‍👩‍👧**",
  "right to left": "שלום **עולם** `קוד`.\n\n- مرحبا *بالعالم*\n- العربية: السَّلامُ عَلَيْكُم [رابط](https://example.com/) ‏123",
  "entities and HTML":
    "AT&T &amp; co, &lt;b&gt;, &#8364; &#x20ac; &nbsp;x, a < b > c, <b>bold?</b>, <br> line<br/>two, <script>alert(1)</script>, <!-- hidden -->, \\*escaped\\* \\& 5 &notanentity;",
  "hard breaks": "line one  \nline two\\\nline three\nline four\n\n\n\nfar below",
  mathematics:
    "It is $a_1 * b_1$ and \\(x^2\\), \\[ y_{i} \\], 5*3, 10_000, a**b, f(x)[0], 3 < 4, x<y, `**`, ** not bold **, * not italic *, __init__, file_name_here.py and *.ts",
  "a dash, a plus": "Well -\nnot a list\n\n+1 agreed\n\n-5 degrees\n\n1986. A great year\n\n#hashtag\n\n####### seven",
  Chinese: "你好，**世界**！这是*斜体*。\n\n1. 第一\n2. 第二：`代码`\n\n**注意：**请看[这里](https://example.com/路径)。",
};
