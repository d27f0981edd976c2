"""What must stay a conflict, because two people meant two things: each case in both directions."""

from __future__ import annotations

from time import process_time

import pytest

from aegis_cli.merging.resolve import resolve
from tests.support.merging import both_ways, text

Versions = tuple[str, str, str]


def after(line: str, *new: str) -> str:
    return "\n".join([line, *new])


def guards(**values: int) -> str:
    """A function of guards; one of them stands in another function as well, and so git does not see that it moved."""
    text = "".join(f"    if {name}:\n        return {value}\n" for name, value in values.items())
    return f"def f():\n{text}\n\ndef g():\n    x()\n    if cache:\n        return 1\n"


# -- one side deleted what the other edited ----------------------------------------------------

DELETED: dict[str, tuple[str, Versions]] = {
    "a pin, beside a pin that both raised": (
        "requirements.txt",
        ("a==1\nb==1\nc==1\n", "a==1\nb==2\n", "a==1\nb==2\nc==2\n"),
    ),
    "a setting, beside one that both changed": (
        ".env.example",
        ("A=1\nB=1\nC=1\n", "A=1\nB=2\nC=3\n", "A=1\nB=2\n"),
    ),
    "a key, beside a key that both changed": (
        "pyproject.toml",
        ("[tool.x]\na = 1\nb = 1\n", "[tool.x]\na = 2\n", "[tool.x]\na = 2\nb = 3\n"),
    ),
    "a statement, beside one that both changed": (
        "main.py",
        (
            "def start():\n    level = 1\n    send(1)\n",
            "def start():\n    level = 2\n",
            "def start():\n    level = 2\n    send(2)\n",
        ),
    ),
    "a port, beside an image that both changed": (
        "compose.yml",
        (
            "services:\n  db:\n    image: pg:15\n    restart: no\n",
            "services:\n  db:\n    image: pg:16\n",
            "services:\n  db:\n    image: pg:16\n    restart: always\n",
        ),
    ),
    "a line of a list, replaced and rewritten": (
        "README.md",
        ("- one\n- two is here\n", "- one\n- x\n- y\n", "- one\n- two is there\n- x\n- y\n- z\n"),
    ),
    "a text that both took away, and bring under a new name each": (
        "compose.yml",
        (
            "web:\n  a: 1\n  debug: |\n    7\n  b: 2\n",
            "web:\n  host: 5370\n  trace: |\n    on\n  a: 1\n  b: 2\n",
            "web:\n  verbose: |\n    on\n  a: 1\n  b: 2\n",
        ),
    ),
    "a value that both took away, and bring under a new name each": (
        "compose.yml",
        (
            "web:\n  a: 1\n  debug: 7\n  b: 2\n",
            "web:\n  host: 5370\n  trace: on\n  a: 1\n  b: 2\n",
            "web:\n  verbose: on\n  a: 1\n  b: 2\n",
        ),
    ),
    "an item that both took away, renamed behind one that lost its comma": (
        "x.json",
        (
            '{\n  "a": [\n    "host@8",\n    "level@1",\n    "cache@1"\n  ],\n  "b": 1\n}\n',
            '{\n  "a": [\n    "host@8",\n    "cache@1",\n    "queue@1",\n    "theme@5"\n  ],\n  "b": 1\n}\n',
            '{\n  "a": [\n    "host@8",\n    "cache@1"\n  ],\n  "b": 1\n}\n',
        ),
    ),
}

# -- one side moved what the other deleted a part of -------------------------------------------

MOVED: dict[str, tuple[str, Versions]] = {
    "a requirement moved into the list in front, and deleted": (
        "pyproject.toml",
        (
            '[a]\nx = [\n    "p>=1",\n    "q>=1",\n]\ny = [\n    "r>=1",\n    "s>=1",\n]\n',
            '[a]\nx = [\n    "p>=1",\n    "q>=1",\n    "r>=1",\n]\ny = [\n    "s>=1",\n]\n',
            '[a]\nx = [\n    "p>=1",\n    "q>=1",\n]\ny = [\n    "s>=1",\n]\n',
        ),
    ),
    "a key that both moved into a table of one name": (
        "pyproject.toml",
        (
            "[a]\nimage = 7\nb = 1\nc = 1\n\n[z]\nx = 1\n",
            "[a]\nb = 1\nc = 1\n\n[a.h]\nport = 5\nimage = 7\n\n[z]\nx = 1\n",
            "[a]\nb = 1\nc = 1\n\n[a.h]\nimage = 7\n\n[z]\nx = 1\n",
        ),
    ),
    "a table put below another one and edited, and deleted, where both brought one": (
        "pyproject.toml",
        (
            "[tool.a]\nx = 1\n\n[tool.b]\ny = 1\n\n[tool.b.port]\nlevel = 3\n",
            "[tool.a]\nx = 1\n\n[tool.b]\ny = 1\n\n[tool.b.mail]\nlevel = 25\n",
            "[tool.a]\nx = 1\n\n[tool.a.port]\nlevel = 16\n\n[tool.b]\ny = 1\n\n[tool.b.mail]\nlevel = 25\n",
        ),
    ),
    "a key with a dot put below another name and edited, and deleted, where both brought one": (
        "settings.toml",
        (
            "a.x = 1\na.y = 1\nb.y = 1\nb.port = 3\n",
            "a.x = 1\na.y = 1\nb.y = 1\nb.mail = 25\n",
            "a.x = 1\na.port = 16\na.y = 1\nb.y = 1\nb.mail = 25\n",
        ),
    ),
    "a pin raised in another list, and deleted, with its name in a third": (
        "pyproject.toml",
        (
            '[tool.x]\na = [\n    "p>=1",\n]\nb = [\n    "q>=2",\n    "host>=3",\n]\nc = [\n    "host>=7",\n]\n',
            '[tool.x]\na = [\n    "host>=9",\n    "p>=1",\n]\nb = [\n    "q>=2",\n]\nc = [\n    "host>=7",\n]\n',
            '[tool.x]\na = [\n    "p>=1",\n]\nb = [\n    "q>=2",\n]\nc = [\n    "host>=7",\n]\n',
        ),
    ),
    "two settings moved, one of them deleted": (
        "config.py",
        (
            "H = 1\nD = 1\nS = 1\nB = 1\nC = 1\n",
            "H = 1\nS = 1\nB = 1\nC = 1\n",
            "S = 1\nB = 1\nC = 1\nH = 1\nD = 1\n",
        ),
    ),
    "two lines, each moved to one place: which comes first?": (
        ".env",
        (
            "A=1\nB=1\nC=1\nD=1\nE=1\nF=1\n",
            "B=1\nC=1\nA=1\nD=1\nE=1\nF=1\n",
            "A=1\nB=1\nC=1\nF=1\nD=1\nE=1\n",
        ),
    ),
    "a pattern of some that were deleted, moved and edited": (
        ".gitignore",
        (
            "one\nsome.words.of.it\nthree\nfour\nfive\n",
            "one\nfour\nfive\n",
            "one\nthree\nfour\nfive\nsome.words.of.that\n",
        ),
    ),
    "one line moved, and deleted": (
        ".env",
        ("A=1\nB=1\nC=1\nD=1\n", "B=1\nC=1\nD=1\nA=1\n", "B=1\nC=1\nD=1\n"),
    ),
    "a setting renamed and deleted, while its neighbour moved": (
        ".env.example",
        (
            "HOST=a\nCACHE=9461\nPORT=1\n",
            "HOST=a\nPORT=1\n",
            "PORT=1\nHOST=b\nCACHE_SIZE=9461\n",
        ),
    ),
    "a key renamed at another place, and deleted, where a list of that name moved": (
        "compose.yml",
        (
            "services:\n  port:\n    host: 7\n  level:\n    cache: 2\n    port:\n      port: 7\n      image: 2\n",
            "services:\n  port:\n    host: 7\n  level:\n    cache: 2\n    port:\n      image: 2\n      size: 7\n",
            "services:\n  level:\n    cache: 2\n    port:\n      image: 2\n  port:\n    host: 7\n",
        ),
    ),
    "a key renamed at another place, and deleted": (
        "app.ini",
        (
            "[a]\nx = 1\n\n[queue]\nlevel = 3301\nhost = 5\n",
            "[a]\nx = 1\n\n[queue]\nhost = 5\ntoken = 3301\n",
            "[a]\nx = 1\ny = 2\n\n[queue]\nhost = 5\n",
        ),
    ),
    "steps put beside one that was moved, in words that the next one has too": (
        "Dockerfile",
        (
            "FROM a\nRUN debug 1\nENV PORT 8\nCOPY image \\\n    7\n",
            "FROM a\nCOPY image \\\n    7\nRUN debug 1\nRUN serve 8\n",
            "FROM a\nRUN debug 1\nENV PORT 8\nCOPY image \\\n    41\nCOPY image \\\n    7\n",
        ),
    ),
    "a step renamed and deleted, while its neighbour moved": (
        "Makefile",
        (
            "A := 1\n\nhost:\n\tdebug --to 1\n\tlevel --to 2\n\tport --to 3\n",
            "A := 1\n\nhost:\n\tdebug --to 1\n\tport --to 3\n",
            "A := 1\n\nhost:\n\tstore --to 2\n\tdebug --to 1\n\tport --to 3\n",
        ),
    ),
    "a call renamed and deleted, while its neighbour moved": (
        "app.py",
        (
            "def main():\n    debug(app)\n    level(store)\n    port(3)\n",
            "def main():\n    debug(app)\n    port(3)\n",
            "def main():\n    grade(store)\n    debug(app)\n    port(3)\n",
        ),
    ),
    "a service moved, its port closed": (
        "compose.yml",
        (
            (
                "services:\n  db:\n    image: pg\n    ports:\n      - 5432:5432\n"
                "  web:\n    image: w\n  job:\n    image: j\n"
            ),
            (
                "services:\n"
                "  web:\n    image: w\n  job:\n    image: j\n  db:\n    image: pg\n    ports:\n      - 5432:5432\n"
            ),
            "services:\n  db:\n    image: pg\n  web:\n    image: w\n  job:\n    image: j\n",
        ),
    ),
    "one line moved to two places": (
        "notes.txt",
        ("a thing\nb\nc\nd\n", "b\na thing\nc\nd\n", "b\nc\nd\na thing\n"),
    ),
    "a paragraph moved and taken out": (
        "README.md",
        (
            "# A\n\nfirst words\n\nsecond\n\nthird\n",
            "# A\n\nsecond\n\nthird\n\nfirst words\n",
            "# A\n\nsecond\n\nthird\n",
        ),
    ),
}

# -- a line would land under another parent ----------------------------------------------------

ELSEWHERE: dict[str, tuple[str, Versions]] = {
    "a TOML list that moved to another table": (
        "pyproject.toml",
        (
            '[tool.a]\nx = 1\n\n[tool.b]\ny = 1\nselect = [\n    "E",\n]\n',
            '[tool.a]\nx = 1\n\n[tool.b]\ny = 1\n\n[tool.c]\nselect = [\n    "E",\n    "F",\n]\n',
            '[tool.a]\nx = 1\n\n[tool.b]\ny = 1\nselect = [\n    "E",\n    "I",\n]\n',
        ),
    ),
    "an environment that became another service's": (
        "docker-compose.yml",
        (
            "services:\n  web:\n    image: w\n    environment:\n      - A=1\nvolumes:\n  data:\n",
            (
                "services:\n"
                "  web:\n    image: w\n  mail:\n    image: m\n    environment:\n      - B=1\nvolumes:\n  data:\n"
            ),
            "services:\n  web:\n    image: w\n    environment:\n      - A=1\n      - C=\nvolumes:\n  data:\n",
        ),
    ),
    "a class renamed in front of what both add": (
        "models.py",
        (
            "class User:\n    a = 1\n    b = 1\n    z = 1\n",
            "class Account:\n    a = 1\n    b = 1\n    c = 1\n    z = 1\n",
            "class User:\n    a = 1\n    b = 1\n    d = 1\n    z = 1\n",
        ),
    ),
    "a section renamed in front of what both add": (
        "app.ini",
        (
            "[a]\nx = 1\ny = 1\n\n[z]\nk = 1\n",
            "[b]\nx = 1\ny = 1\nmine = 1\n\n[z]\nk = 1\n",
            "[a]\nx = 1\ny = 1\ntheirs = 1\n\n[z]\nk = 1\n",
        ),
    ),
    "a heading renamed in front of what both add": (
        "README.md",
        (
            "# A\n\n## Run\n\nwords\n\nmore\n",
            "# A\n\n## Deploy\n\nwords\n\nmore\n\nmine\n",
            "# A\n\n## Run\n\nwords\n\nmore\n\ntheirs\n",
        ),
    ),
    "a target renamed in front of what both add": (
        "Makefile",
        ("test:\n\ta\n\tb\n", "check:\n\ta\n\tb\n\tc\n", "test:\n\ta\n\tb\n\td\n"),
    ),
}

# -- both bring one thing, in two versions -----------------------------------------------------

APP = "def create(app):\n    app.first()\n"
STEPS = "steps:\n  - uses: actions/checkout@v4\n"
TWICE: dict[str, tuple[str, Versions]] = {
    "a version and its preview, in a list": (
        ".travis.yml",
        (
            "python:\n- 3.6\n\nenv: x\n",
            "python:\n- 3.6\n- 3.7-dev\n\nenv: x\n",
            "python:\n- 3.6\n- 3.7\n\nenv: x\n",
        ),
    ),
    "a version in two spellings, in a list of TOML": (
        "x.toml",
        (
            'node = [\n    "18",\n]\n',
            'node = [\n    "18",\n    "20.x",\n]\n',
            'node = [\n    "18",\n    "20",\n]\n',
        ),
    ),
    "a row of a table, at two places of it": (
        "README.md",
        (
            "| name | value |\n|---|---|\n| a | 1 |\n| b | 2 |\n| c | 3 |\n",
            "| name | value |\n|---|---|\n| LEVEL | x |\n| a | 1 |\n| b | 2 |\n| c | 3 |\n",
            "| name | value |\n|---|---|\n| a | 1 |\n| b | 2 |\n| c | 3 |\n| LEVEL | y |\n",
        ),
    ),
    "a middleware": (
        "main.py",
        (
            APP,
            APP + '    app.add_middleware(Cors, to=["a"])\n',
            APP + '    app.add_middleware(Cors, to=["*"])\n',
        ),
    ),
    "a middleware, over several lines": (
        "main.py",
        (
            APP,
            APP + '    app.add_middleware(\n        Cors,\n        to=["a"],\n    )\n',
            APP + '    app.add_middleware(\n        Cors,\n        to=["*"],\n    )\n',
        ),
    ),
    "a call that sets up": (
        "log.py",
        (
            APP,
            APP + '    logging.basicConfig(level="A")\n',
            APP + "    logging.basicConfig(force=True)\n",
        ),
    ),
    "a router": (
        "main.py",
        (
            APP,
            APP + '    app.include_router(users, prefix="/a")\n',
            APP + "    app.include_router(users)\n",
        ),
    ),
    "a call in JavaScript": (
        "app.js",
        ("a();\n", "a();\napp.use(cors({a: 1}));\n", "a();\napp.use(cors({a: 2}));\n"),
    ),
    "an action": (
        "ci.yml",
        (
            STEPS,
            STEPS + "  - uses: x/setup@v4\n    with: {a: 1}\n",
            STEPS + "  - uses: x/setup@v5\n    with: {a: 2}\n",
        ),
    ),
    "a step's name, in its second line": (
        "ci.yml",
        (STEPS, STEPS + "  - run: a\n    name: Lint\n", STEPS + "  - run: b\n    name: Lint\n"),
    ),
    "a port of the host": (
        "compose.yml",
        (
            "ports:\n  - 80:80\n",
            'ports:\n  - 80:80\n  - "9000:9000"\n',
            'ports:\n  - 80:80\n  - "127.0.0.1:9000:90"\n',
        ),
    ),
    "a place that is mounted": (
        "compose.yml",
        (
            "volumes:\n  - a:/a\n",
            "volumes:\n  - a:/a\n  - ./x:/data\n",
            "volumes:\n  - a:/a\n  - y:/data:ro\n",
        ),
    ),
    "a requirement": (
        "pyproject.toml",
        (
            'dependencies = [\n    "a",\n]\n',
            'dependencies = [\n    "a",\n    "Http.X[two]>=1",\n]\n',
            'dependencies = [\n    "a",\n    "http-x>=2",\n]\n',
        ),
    ),
    "a package": (
        "package.json",
        (
            '{\n  "a": "1",\n  "z": "1"\n}\n',
            '{\n  "a": "1",\n  "b": "1",\n  "z": "1"\n}\n',
            '{\n  "a": "1",\n  "b": "2",\n  "z": "1"\n}\n',
        ),
    ),
    "an alias": (
        "m.py",
        ("import a\n", "import a\nimport numpy as np\n", "import a\nimport my.np as np\n"),
    ),
    "a stage": ("Dockerfile", ("FROM a\n", "FROM a\n\nFROM b AS x\n", "FROM a\n\nFROM c AS x\n")),
    "a target": ("Makefile", ("a:\n\tx\n", "a:\n\tx\n\nlint: a\n\ty\n", "a:\n\tx\n\nlint:\n\tz\n")),
    "a sentence": (
        "README.md",
        ("# A\n", "# A\n\nAsk Ann before the release.\n", "# A\n\nAsk Bob before the release.\n"),
    ),
    "a numbered step": ("README.md", ("1. a\n", "1. a\n2. b\n", "1. a\n2. c\n")),
    "a table's row": (
        "README.md",
        (
            "| a | b |\n|---|---|\n",
            "| a | b |\n|---|---|\n| x | 1 |\n",
            "| a | b |\n|---|---|\n| x | 2 |\n",
        ),
    ),
}

# -- the order decides -------------------------------------------------------------------------

BODY = "def price(total):\n    total = base(total)\n{}    return total\n"
TASKS = "- name: User\n  user:\n    name: app\n"
PLAY = (
    "- hosts: all\n  tasks:\n    - name: User\n      user:\n        name: app\n  vars:\n    a: 1\n"
)
ORDER: dict[str, tuple[str, Versions]] = {
    "two tasks of a file that is a list of them": (
        "roles/app/tasks/main.yml",
        (
            TASKS,
            f"{TASKS}- name: Migrate\n  command: migrate\n",
            f"{TASKS}- name: Install\n  pip:\n    name: app\n",
        ),
    ),
    "two tasks of a play": (
        "site.yml",
        (
            PLAY,
            PLAY.replace("  vars", "    - name: Migrate\n      command: migrate\n  vars"),
            PLAY.replace("  vars", "    - name: Install\n      pip:\n        name: app\n  vars"),
        ),
    ),
    "a guard that git takes for one at the next line, where the same words stand": (
        "main.py",
        (
            "def f():\n    a()\n    if late:\n        return 8\n    b()\n",
            "def f():\n    a()\n    level = 6\n    if late:\n        return 8\n    b()\n",
            "def f():\n    a()\n    if late:\n        return 9\n    if late:\n        return 8\n    b()\n",
        ),
    ),
    "a step behind one in whose place another command stands": (
        "Makefile",
        (
            "check:\n\ta --to 1\n\ttheme15 --to 4929\n",
            "check:\n\ta --to 1\n\ttheme15 --to 4929\n\tlast --to 1355\n",
            "check:\n\ta --to 1\n\tcache17 --to 498\n",
        ),
    ),
    "a guard, and a call behind one that was edited, the end of which git takes for the old one's": (
        "app.py",
        (
            "def f():\n    mail(\n        1,\n    )\n",
            "def f():\n    mail(\n        2,\n    )\n    send(\n        3,\n    )\n",
            "def f():\n    mail(\n        1,\n    )\n    if late:\n        return 1\n",
        ),
    ),
    "a guard, and a statement with a method behind it": (
        "main.py",
        (
            "class A:\n    def f(self):\n        a = 2\n",
            "class A:\n    def f(self):\n        a = 2\n        if late:\n            return\n",
            "class A:\n    def f(self):\n        a = 2\n        send(a)\n\n    def g(self):\n        b = 1\n",
        ),
    ),
    "two sums": (
        "price.py",
        (BODY.format(""), BODY.format("    total *= 1.2\n"), BODY.format("    total += 5\n")),
    ),
    "a value and its use": (
        "price.py",
        (BODY.format(""), BODY.format("    total = total * 2\n"), BODY.format("    log(total)\n")),
    ),
    "a guard": (
        "price.py",
        (
            BODY.format(""),
            BODY.format("    if not total:\n        raise Free\n"),
            BODY.format("    charge()\n"),
        ),
    ),
    "two guards": (
        "price.py",
        (
            BODY.format(""),
            BODY.format("    if not total:\n        return 0\n"),
            BODY.format("    if no():\n        raise No\n"),
        ),
    ),
    "a loop left": (
        "loop.py",
        (
            "for x in y:\n    a(x)\n",
            "for x in y:\n    a(x)\n    if z:\n        continue\n",
            "for x in y:\n    a(x)\n    b(x)\n",
        ),
    ),
    "positions in a call": (
        "m.py",
        ("f(\n    a,\n)\n", "f(\n    a,\n    b,\n)\n", "f(\n    a,\n    c,\n)\n"),
    ),
    "positions behind the first": (
        "m.py",
        ("f(a,\n  b,\n)\n", "f(a,\n  b,\n  c,\n)\n", "f(a,\n  b,\n  d,\n)\n"),
    ),
    "parameters": (
        "m.py",
        (
            "def f(\n    a,\n): ...\n",
            "def f(\n    a,\n    b=1,\n): ...\n",
            "def f(\n    a,\n    c=1,\n): ...\n",
        ),
    ),
    "two commands of an image": (
        "Dockerfile",
        (
            "FROM a\nCOPY . /a\nRUN z\n",
            "FROM a\nCOPY . /a\nRUN x\nRUN z\n",
            "FROM a\nCOPY . /a\nRUN y\nRUN z\n",
        ),
    ),
    "a user and a command": (
        "Dockerfile",
        ("FROM a\nRUN z\n", "FROM a\nUSER x\nRUN z\n", "FROM a\nRUN y\nRUN z\n"),
    ),
    "an environment and a copy": (
        "Dockerfile",
        ("FROM a\n", "FROM a\nENV X=1\n", "FROM a\nCOPY x y\n"),
    ),
    "a command beside a command that became another": (
        "Dockerfile",
        ("FROM a\nRUN b\n", "FROM a\nCOPY x y\nRUN b\n", "FROM a\nUSER c\n"),
    ),
    "a line of a recipe in the place of a target, beside a line that moved": (
        "Makefile",
        (
            "a:\n\tx --to 1\n\tz \\\n\t  2\n\ty --to 3\n\nb:\n\tu --to 4\n\tw \\\n\t  5\n",
            "a:\n\tx --to 1\n\ty --to 3\n\tz \\\n\t  2\n\nb:\n\tu --to 4\n\tw \\\n\t  5\n",
            "b:\n\tu --to 4\n\tw \\\n\t  5\n\na:\n\tx --to 1\n\tz \\\n\t  2\n\ty --to 3\n\tv --to 6\n",
        ),
    ),
    "a copy beside a setting that became another": (
        "Dockerfile",
        (
            "FROM a\nENV x 3\nCOPY y z\n",
            "FROM a\nENV x 3\nCOPY v w\nCOPY y z\n",
            "FROM a\nENV u 4\nCOPY y z\n",
        ),
    ),
    "statements beside a step that became another": (
        "m.py",
        (
            "def f():\n    x(1)\n    port = 2\n",
            "def f():\n    x(1)\n    host = 5612\n",
            "def f():\n    x(1)\n    port = 2\n    if debug:\n        return 1\n",
        ),
    ),
    "statements beside a branch that became another": (
        "m.py",
        (
            "def f():\n    x = 1\n    if bucket12:\n        return 8397\n    y(1)\n",
            "def f():\n    x = 1\n    if bucket65:\n        return 6571\n    y(1)\n",
            "def f():\n    x = 1\n    t = 7\n    if bucket12:\n        return 8397\n    d = 5\n    y(1)\n",
        ),
    ),
    "lines of a recipe": ("Makefile", ("a:\n\tx\n", "a:\n\tx\n\ty\n", "a:\n\tx\n\tz\n")),
    "a pattern taken back": (".gitignore", ("*.a\n", "*.a\n!x.a\n", "*.a\nx*\n")),
    "statements in a database": ("up.sql", ("a;\n", "a;\nUPDATE x;\n", "a;\nDELETE x;\n")),
    "commands of a script": ("run.sh", ("a\n", "a\nb\n", "a\nc\n")),
    "commands of a script without a suffix": (
        "bin/run",
        ("#!/bin/sh\na\n", "#!/bin/sh\na\nb\n", "#!/bin/sh\na\nc\n"),
    ),
    "a script within YAML": (
        "ci.yml",
        ("run: |\n  a\n", "run: |\n  a\n  b\n", "run: |\n  a\n  c\n"),
    ),
    "words of a command in YAML": (
        "c.yml",
        ("command:\n  - a\n", "command:\n  - a\n  - b\n", "command:\n  - a\n  - c\n"),
    ),
}

# -- git merges it, and it is wrong ------------------------------------------------------------

APART: dict[str, tuple[str, Versions]] = {
    "an item of a list below what one side renamed, and mostly emptied": (
        "app.json",
        (
            '{"host": {\n  "a": 7,\n  "b": 2,\n  "list": [\n    "p@2",\n    "q@8",\n    "r@2"\n  ]\n}}\n',
            '{"mail": {\n  "list": [\n    "x@3",\n    "p@2",\n    "q@8",\n    "r@2"\n  ]\n}}\n',
            '{"host": {\n  "a": 7,\n  "b": 2,\n  "list": [\n    "p@2",\n    "q@8",\n    "x@8",\n    "r@2"\n  ]\n}}\n',
        ),
    ),
    "a remark about a step, in front of which another step begins alike": (
        "Dockerfile",
        (
            "FROM a\nCOPY level \\\n    3\nCOPY debug 1\n",
            "FROM a\nCOPY level \\\n    7\nCOPY level \\\n    3\nCOPY debug 1\n",
            "FROM a\n# about three\nCOPY level \\\n    3\nCOPY debug 1\n",
        ),
    ),
    "a decorator, in front of what another function begins alike": (
        "m.py",
        (
            "class A:\n    @at\n    def a(self):\n        return 1\n",
            "class A:\n    @at\n    def b(self):\n        return\n\n    @at\n    def a(self):\n        return 1\n",
            "class A:\n    # about a\n    @at\n    def a(self):\n        return 1\n",
        ),
    ),
    "a setting": (
        ".env.example",
        ("A=1\nB=2\nC=3\n", "A=1\nB=2\nC=3\nL=x\n", "A=1\nL=y\nB=2\nC=3\n"),
    ),
    "a requirement": (
        "pyproject.toml",
        (
            'dependencies = [\n    "a",\n    "f",\n    "t",\n]\n',
            'dependencies = [\n    "a",\n    "f",\n    "t",\n    "h>=2",\n]\n',
            'dependencies = [\n    "a",\n    "f",\n    "h>=1",\n    "t",\n]\n',
        ),
    ),
    "a pin": ("requirements.txt", ("a\nb\nc\n", "a\nb\nc\nx==1\n", "x==2\na\nb\nc\n")),
    "a table": (
        "pyproject.toml",
        (
            "[a]\nx = 1\n\n[z]\ny = 1\n",
            "[a]\nx = 1\n\n[z]\ny = 1\n\n[n]\nl = 1\n",
            "[n]\nk = 1\n\n[a]\nx = 1\n\n[z]\ny = 1\n",
        ),
    ),
    "a section": (
        "x.ini",
        (
            "[a]\nx = 1\n[z]\ny = 1\n",
            "[a]\nx = 1\n[z]\ny = 1\n[n]\nl = 1\n",
            "[n]\nk = 1\n[a]\nx = 1\n[z]\ny = 1\n",
        ),
    ),
    "a key of an object": (
        "x.json",
        (
            '{\n"a": 1,\n"b": 1,\n"c": 1\n}\n',
            '{\n"x": 1,\n"a": 1,\n"b": 1,\n"c": 1\n}\n',
            '{\n"a": 1,\n"b": 1,\n"x": 2,\n"c": 1\n}\n',
        ),
    ),
    "an item of a list, behind something new at the top": (
        "x.json",
        (
            '{\n"t": {\n"w": [\n"h@2",\n"k@3",\n"l@4"\n]\n}\n}\n',
            '{\n"t": {\n"w": [\n"h@2",\n"k@3",\n"l@4",\n"debug@9"\n]\n}\n}\n',
            '{\n"q": {\n"r": 1\n},\n"t": {\n"w": [\n"debug@8",\n"h@2",\n"k@3",\n"l@4"\n]\n}\n}\n',
        ),
    ),
    "a row of a table, and of the one behind it, which goes": (
        "README.md",
        (
            "| a |\n|---|\n| b | 1 |\n\n| c |\n|---|\n| i | 3 |\n| host | 1 |\n\nEnd.\n",
            "| a |\n|---|\n| b | 1 |\n| host | 8 |\n\n| c |\n|---|\n| i | 3 |\n| host | 1 |\n\nEnd.\n",
            "| a |\n|---|\n| b | 1 |\n\n| c |\n|---|\n| i | 3 |\n\nEnd.\n".replace(
                "\n\n| c |\n|---|\n| i | 3 |", "\n| host | 2 |"
            ),
        ),
    ),
    "a key of a mapping": (
        "x.yml",
        ("a: 1\nb: 1\nc: 1\n", "x: 1\na: 1\nb: 1\nc: 1\n", "a: 1\nb: 1\nc: 1\nx: 2\n"),
    ),
    "a table that took another one's place, and a key for that one": (
        "pyproject.toml",
        (
            "[a]\np = 1\nh = [\n  1,\n]\nc = [\n  2,\n]\n\n[z]\nx = 1\n",
            "[b]\np = 7\nh = [\n  9,\n]\nk = [\n  8,\n]\n\n[z]\nx = 1\n",
            "[a]\np = 1\nh = [\n  1,\n]\nc = [\n  2,\n]\ne = 4\n\n[z]\nx = 1\n",
        ),
    ),
    "a function": (
        "m.py",
        (
            "a = 1\nb = 1\nc = 1\n",
            "def f(): return 1\na = 1\nb = 1\nc = 1\n",
            "a = 1\nb = 1\nc = 1\ndef f(): return 2\n",
        ),
    ),
    "a middleware": (
        "m.py",
        (
            "a()\nb()\nc()\n",
            'app.add(Cors, "a")\na()\nb()\nc()\n',
            'a()\nb()\nc()\napp.add(Cors, "*")\n',
        ),
    ),
    "a target": (
        "Makefile",
        (
            "a:\n\tx\n\nb:\n\ty\n",
            "t:\n\tx\n\na:\n\tx\n\nb:\n\ty\n",
            "a:\n\tx\n\nb:\n\ty\n\nt:\n\tz\n",
        ),
    ),
    "a heading": (
        "README.md",
        ("# A\n\na\n\nb\n", "# A\n\n## Run\n\nx\n\na\n\nb\n", "# A\n\na\n\nb\n\n## Run\n\ny\n"),
    ),
    "a port": (
        "c.yml",
        (
            "ports:\n  - 1:1\n  - 2:2\n  - 3:3\n",
            "ports:\n  - 9:8\n  - 1:1\n  - 2:2\n  - 3:3\n",
            "ports:\n  - 1:1\n  - 2:2\n  - 3:3\n  - 9:9\n",
        ),
    ),
    "brackets that no longer match": (
        "x.json",
        ("[\n1,\n2,\n3\n]\n", "[\n1,\n2,\n3,\n4\n]\n", "[\n0,\n1,\n2\n]\n"),
    ),
}

# -- git puts a line under another parent, or one side has renamed the parent of what both put there ----

LISTS = "These wait:\n\n- one of them\n- two of them\n\nThese go:\n\n- a first\n- a second\n"
OTHER_LISTS = "These wait:\n\n- a picture\n\nThese go:\n\n- its frame\n- its wall\n"
SERVED = "    ports:\n      - a=1\n      - b=2\n    environment:\n      - C=3\n      - D=4\n    restart: no\n"
OTHER_SERVED = "    ports:\n      - e=5\n    environment:\n      - F=6\n    restart: no\n"
KEYS = "[one]\na = 1\nb = 2\nc = 3\nd = 4\n"
FIELDS = "class A:\n    a = 1\n    b = 2\n    c = 3\n"
PARENTS: dict[str, tuple[str, Versions]] = {
    "a row of a table that went, with a row that both tables have": (
        "README.md",
        (
            "| a | value |\n|---|---|\n| x | 2 |\n\n| b | value |\n|---|---|\n| c | 3 |\n| x | 2 |\n\nX\n",
            "| a | value |\n|---|---|\n| d | 1 |\n| x | 2 |\n\nX\n",
            "| a | value |\n|---|---|\n| x | 2 |\n\n| b | value |\n|---|---|\n| c | 3 |\n| x | 2 |\n| y | 5 |\n\nX\n",
        ),
    ),
    "a paragraph below a heading whose section gave way to another with lists of the same names": (
        "index.rst",
        (
            f"T\n=\n\nQueue\n-----\n\nIt waits.\n\n{LISTS}",
            f"T\n=\n\nQueue\n-----\n\nIt waits.\n\nAsk us.\n\n{LISTS}",
            f"T\n=\n\nImage\n-----\n\nIt shows.\n\n{OTHER_LISTS}",
        ),
    ),
    "a key of a service that gave way to another with lists of the same names": (
        "compose.yml",
        (
            f"services:\n  web:\n    image: a\n{SERVED}",
            f"services:\n  web:\n    image: a\n{SERVED}    init: true\n",
            f"services:\n  mail:\n    image: b\n{OTHER_SERVED}",
        ),
    ),
    "a table put below one that was renamed": (
        "pyproject.toml",
        (
            "[tool.a]\nx = 1\ny = 2\n\n[tool.a.one]\nz = 1\nw = 1\n\n[tool.b]\nk = 1\n",
            "[tool.c]\nx = 1\ny = 2\n\n[tool.c.one]\nz = 1\nw = 1\n\n[tool.b]\nk = 1\n",
            "[tool.a]\nx = 1\ny = 2\n\n[tool.a.one]\nz = 1\nw = 1\n\n[tool.a.two]\nv = 1\n\n[tool.b]\nk = 1\n",
        ),
    ),
    "a class that came over the methods of another": (
        "m.py",
        (
            "class A:\n    a = 1\n\n    def f(self):\n        g(3)\n\n\nclass P:\n    t = 3\n\n\nclass S:\n    s = 1\n",
            "class P:\n    t = 3\n\n    def f(self):\n        g(3)\n\n\nclass S:\n    s = 1\n",
            (
                "class A:\n    a = 1\n\n    def f(self):\n        g(3)\n\n    def m(self):\n        n(1)\n\n\n"
                "class P:\n    t = 3\n\n\nclass S:\n    s = 1\n"
            ),
        ),
    ),
    "a section renamed, a key in both": (
        "app.ini",
        (KEYS, KEYS + "port = 80\n", KEYS.replace("[one]\n", "[first]\nport = 90\n")),
    ),
    "a table renamed, a key in both": (
        "pyproject.toml",
        (
            "[tool.one]\na = 1\nb = 2\nc = 3\n",
            "[tool.one]\na = 1\nb = 2\nc = 3\nport = 80\n",
            "[tool.first]\nport = 90\na = 1\nb = 2\nc = 3\n",
        ),
    ),
    "a table renamed, a requirement in both": (
        "pyproject.toml",
        (
            '[one]\nx = [\n    "a>=1",\n    "b>=1",\n    "c>=1",\n]\n',
            '[one]\nx = [\n    "a>=1",\n    "b>=1",\n    "c>=1",\n    "d>=1",\n]\n',
            '[two]\nx = [\n    "a>=1",\n    "d>=2",\n    "b>=1",\n    "c>=1",\n]\n',
        ),
    ),
    "a service renamed, a variable in both": (
        "compose.yml",
        (
            "web:\n  environment:\n    - A=1\n    - B=2\n    - C=3\n",
            "web:\n  environment:\n    - A=1\n    - B=2\n    - C=3\n    - P=1\n",
            "api:\n  environment:\n    - A=1\n    - P=2\n    - B=2\n    - C=3\n",
        ),
    ),
    "a class renamed, a field in both": (
        "m.py",
        (
            FIELDS,
            FIELDS + "    port = 1\n",
            FIELDS.replace("class A:\n", "class B:\n    port = 2\n"),
        ),
    ),
    "a chapter renamed, a section in both": (
        "README.md",
        (
            "## One\n\nA.\n\nB.\n\nC.\n",
            "## One\n\nA.\n\nB.\n\nC.\n\n### Setup\n\nMine.\n",
            "## First\n\nA.\n\n### Setup\n\nYours.\n\nB.\n\nC.\n",
        ),
    ),
    "a section cut in two, a key at its end": (
        "app.ini",
        (KEYS, KEYS + "port = 1\n", KEYS.replace("b =", "\n[mid]\nb =")),
    ),
    "a header taken away, a key below it": (
        "app.ini",
        (
            "[one]\na = 1\n\n[two]\nb = 2\nc = 3\n",
            "[one]\na = 1\n\n[two]\nb = 2\nc = 3\nd = 4\n",
            "[one]\na = 1\nb = 2\nc = 3\n",
        ),
    ),
    "a key taken away, one below it": (
        "c.yml",
        (
            "one:\n  a: 1\ntwo:\n  b: 2\n  c: 3\n",
            "one:\n  a: 1\ntwo:\n  b: 2\n  c: 3\n  d: 4\n",
            "one:\n  a: 1\n  b: 2\n  c: 3\n",
        ),
    ),
    "an else of a condition, behind which another one came": (
        "m.py",
        (
            "def f():\n    if a:\n        w()\n        x()\n    end()\n",
            "def f():\n    if a:\n        w()\n        x()\n    else:\n        y()\n    end()\n",
            "def f():\n    if a:\n        w()\n    if c:\n        x()\n    end(1)\n",
        ),
    ),
    "the end of a signature that became another function's": (
        "m.py",
        (
            "def f(\n    a,\n):\n    x()\n    y()\n",
            "def f(\n    a,\n) -> int:\n    x()\n    y()\n",
            "def f(\n    b,\n):\n    z()\n\n\ndef g(\n    a,\n):\n    x(1)\n    y()\n",
        ),
    ),
    "an else in a block, a statement at its end": (
        "m.py",
        (
            "if a:\n    b()\n    c()\n    d()\n",
            "if a:\n    b()\n    c()\n    d()\n    e()\n",
            "if a:\n    b()\nelse:\n    c()\n    d()\n",
        ),
    ),
    "a method in a method, a statement at its end": (
        "m.py",
        (
            "class A:\n    def a(self):\n        b()\n        c()\n        d()\n",
            "class A:\n    def a(self):\n        b()\n        c()\n        d()\n        e()\n",
            "class A:\n    def a(self):\n        b()\n\n    def f(self):\n        c()\n        d()\n",
        ),
    ),
    "a stage in a stage, a label at its end": (
        "Dockerfile",
        (
            "FROM a\nRUN b\nRUN c\nRUN d\n",
            "FROM a\nRUN b\nRUN c\nRUN d\nLABEL e=1\n",
            "FROM a\nRUN b\n\nFROM x\nRUN c\nRUN d\n",
        ),
    ),
    "a heading in a section, a paragraph at its end": (
        "README.md",
        (
            "## A\n\na\n\nb\n\nc\n",
            "## A\n\na\n\nb\n\nc\n\nd\n",
            "## A\n\na\n\n## B\n\nb\n\nc\n",
        ),
    ),
    "a statement in the place of another, behind one that stands deeper now": (
        "m.py",
        (
            "def f():\n    a = 1\n    if b:\n        return 2\n    c = 3\n    d()\n",
            "def f():\n    a = 1\n    if b:\n        return 2\n    mail(4)\n    d()\n",
            "def f():\n    a = 1\n    with e():\n        if b:\n            return 5\n    c = 3\n    d()\n",
        ),
    ),
}

# -- one side put something beside what the other replaced, moved or brought elsewhere -----------

BESIDE: dict[str, tuple[str, Versions]] = {
    "a setting that is one that the other took away, beside one that was edited": (
        ".env",
        (
            "CACHE=7\nPORT=8\nLEVEL=7\nHOST=1\nMAIL=2\n",
            "CACHE=60\nWORKER=7\nPORT=8\nHOST=1\nMAIL=2\n",
            "CACHE=7\nPORT=8\nHOST=1\nMAIL=2\n",
        ),
    ),
    "a setting that is one that the other took away, in the place of one that was moved and edited": (
        ".env",
        (
            "CACHE=7\nPORT=8\nLEVEL=7\nHOST=1\nMAIL=2\n",
            "WORKER=7\nPORT=8\nHOST=1\nMAIL=2\nCACHE=60\n",
            "CACHE=7\nPORT=8\nHOST=1\nMAIL=2\n",
        ),
    ),
    "an item of a list taken away and moved, while another list with that item went": (
        "index.rst",
        (
            "A\n=\n\n- cache is 3\n- port is 1\n\nB\n=\n\n- host is 7\n- cache is 3\n- queue is 1\n",
            "A\n=\n\n- port is 1\n\nB\n=\n\n- host is 7\n- queue is 1\n- store is 5\n- cache is 3\n",
            "A\n=\n\n- cache is 3\n- port is 1\n\nB\n=\n\n- host is 7\n- queue is 1\n",
        ),
    ),
    "a step taken away and moved, while another target lost that step": (
        "Makefile",
        (
            "a:\n\tsync now\n\tbuild\n\nb:\n\tcheck\n\tsync now\n\tship\n\tend\n",
            "a:\n\tbuild\n\nb:\n\tcheck\n\tship\n\tsync now\n\tend\n",
            "a:\n\tsync now\n\tbuild\n\nb:\n\tcheck\n\tship\n\tend\n",
        ),
    ),
    "a guard changed and another behind it, in front of one that was moved away": (
        "m.py",
        (
            guards(debug=3, cache=8),
            guards(cache=8, debug=3, image=9724),
            guards(debug=92125, level=8523, cache=8),
        ),
    ),
    "two branches that stand for two others": (
        "m.py",
        (
            "def f():\n    if region:\n        return 3\n    if debug:\n        return 3\n    x()\n",
            "def f():\n    if region:\n        return 3\n    if cache:\n        return 31\n    x()\n",
            "def f():\n    if image:\n        return 35\n    if debug:\n        return 3\n    x()\n",
        ),
    ),
    "a key that may be one that the other took away, beside what both brought": (
        "app.ini",
        (
            "[a]\nhost = 8299\ncache = 7954\nqueue = 3790\n",
            "[a]\nhost = 8299\nworker = 5390\nimage = 1589\nqueue = 3790\nmail = 775\n",
            "[a]\ntheme = 89880\nworker = 5390\nimage = 1589\nqueue = 3790\n\n[b]\nx = 1\n",
        ),
    ),
    "a setting that may be one that the other took away, and one that both brought": (
        ".env",
        (
            "THEME=6495\nCACHE=8453\nBUCKET3=49\n",
            "THEME=72490\nCACHE=43845\nBUCKET4=1888\n",
            "THEME=72490\nCACHE=43845\nMAIL=76355\nBUCKET4=1888\n",
        ),
    ),
    "a key that was moved and renamed, beside one that was renamed to the same value": (
        "app.ini",
        (
            "[a]\nbucket = 1\nimage = 3\n\n[b]\ndebug = 1\n\n[c]\ncache = 3\n",
            "[a]\nimage = 3\nport = 8\n\n[b]\nimages = 1\n\n[c]\ncache = 3\n",
            "[a]\nimage = 3\n\n[b]\ndebug = 1\n\n[c]\nstore = 1\ncache = 3\n",
        ),
    ),
    "an item of a list that both brought, each to a list of its own": (
        "index.rst",
        (
            "A\n=\n\n- one is here\n\nSo:\n\n- two is so\n- three is so\n",
            "A\n=\n\n- one is here\n- theme is 1\n- token is 9451\n- level is 2\n\nSo:\n\n- two is so\n- three is so\n",
            "A\n=\n\n- one is here\n- theme is 1\n- level is 2\n\nSo:\n\n- two is so\n- token is 9451\n- three is so\n",
        ),
    ),
    "one key, brought to two sections that both brought": (
        "app.ini",
        (
            "[a]\nx = 1\n\n[z]\ny = 1\n",
            "[a]\nx = 1\n\n[one]\ntoken_url = 1\np = 1\n\n[z]\ny = 1\n\n[two]\nq = 1\n",
            "[a]\nx = 1\n\n[one]\np = 1\n\n[z]\ny = 1\n\n[two]\ntoken_url = 1\nq = 1\n",
        ),
    ),
    "an instruction in front of one that was moved": (
        "Dockerfile",
        (
            "FROM a\nRUN b\nRUN c\nCOPY d e\n",
            "FROM a\nRUN b\nRUN c\nRUN x\nCOPY d e\n",
            "FROM a\nRUN b\nCOPY d e\nRUN c\n\nFROM y\nCOPY f g\n",
        ),
    ),
    "two instructions that stand for two others": (
        "Dockerfile",
        (
            "FROM a\n# about host\nENV host=3\nCOPY level 7\n",
            "FROM a\nCOPY cache 2560\nCOPY level 7\n",
            "FROM a\n# about host\nENV host=3\nRUN apt-get update\n",
        ),
    ),
    "a row behind one that was replaced": (
        "README.md",
        (
            "| a | v |\n|---|---|\n| mail | 852 |\n",
            "| a | v |\n|---|---|\n| mail | 852 |\n| host | 9 |\n",
            "| a | v |\n|---|---|\n| worker | 3238 |\n",
        ),
    ),
    "a row of a table that was replaced": (
        "README.md",
        (
            "| level | v |\n|---|---|\n| image | 7 |\n",
            "| store | v |\n|---|---|\n| image | 187 |\n",
            "| level | v |\n|---|---|\n| image | 7 |\n| cache | 2 |\n",
        ),
    ),
    "a setting behind one that was replaced": (
        ".env",
        ("A=1\nHOST=1\n", "A=1\nHOST=1\nMINE=1\n", "A=1\nQUEUE_URL=redis\n"),
    ),
    "a setting that another stands for, and more": (
        ".env",
        (
            "A=1\nPORT=2\n",
            "A=1\nDEBUG_LEVEL=2589\n",
            "A=1\nDEBUG_LEVEL=2589\nHOST=27405\n",
        ),
    ),
    "a row deleted, moved and changed": (
        "README.md",
        (
            "| a | v |\n|---|---|\n| b | 1 |\n| c | 2 |\n| d | 3 |\n",
            "| a | v |\n|---|---|\n| c | 9 |\n| b | 1 |\n| d | 3 |\n",
            "| a | v |\n|---|---|\n| b | 1 |\n| d | 3 |\n",
        ),
    ),
    "a step in front of one that was replaced": (
        "Makefile",
        ("t:\n\ta\n\tcache 7\n", "t:\n\ta\n\ttheme 20\n", "t:\n\ta\n\timage 8\n\tcache 7\n"),
    ),
    "a setting deleted, moved and changed": (
        ".env",
        (
            "A=1\nLEVEL=x\nB=1\nC=1\nD=1\n",
            "A=1\nB=1\nC=1\nD=1\n",
            "A=1\nB=1\nC=1\nD=1\nLEVEL=y\n",
        ),
    ),
    "an assignment deleted, moved to another function and changed": (
        "m.py",
        (
            "def f():\n    level = 1\n    a()\n\n\ndef g():\n    b()\n    c()\n",
            "def f():\n    a()\n\n\ndef g():\n    b()\n    c()\n",
            "def f():\n    a()\n\n\ndef g():\n    b()\n    level = 2\n    c()\n",
        ),
    ),
}

KINDS = {
    "beside": BESIDE,
    "parents": PARENTS,
    "deleted": DELETED,
    "moved": MOVED,
    "elsewhere": ELSEWHERE,
    "twice": TWICE,
    "order": ORDER,
    "apart": APART,
}
ALL = [
    pytest.param(path, versions, id=f"{kind}: {name}")
    for kind, cases in KINDS.items()
    for name, (path, versions) in cases.items()
]


@pytest.mark.parametrize(("path", "versions"), ALL)
def test_what_has_no_one_answer_stays_a_conflict(path: str, versions: Versions) -> None:
    for resolution in both_ways(path, *map(text, versions)):
        assert resolution.conflicts, resolution.content.decode()
        assert b"<<<<<<< ours\n" in resolution.content


@pytest.mark.parametrize(("path", "versions"), ALL)
def test_nothing_that_either_side_brought_is_missing_in_a_conflict(
    path: str, versions: Versions
) -> None:
    base, *sides = (set(text(version).splitlines()) for version in versions)
    for resolution in both_ways(path, *map(text, versions)):
        assert set.union(*sides) - base <= set(resolution.content.splitlines())


# -- what is meant by both, and stays so -------------------------------------------------------

_USES = "\n    def z(self):\n        return self.is_on()\n"

_CLASS = "class A:\n    def f(self, n):\n"
_MORE = "        return 1\n\n    def g(self):\n        return 2\n"
_RUN = "\n    def run(self):\n        return 3\n"
_OTHER_CLASS = "\n\nclass C:\n    def h(self):\n        return 4\n"
_SAID = '        say("""\\\nThere is\nnone: %s""" % n)\n'
_TOLD = '    if n is None:\n        raise ValueError("""\\\nThere is\nnone of it: %s""" % n)\n'
_TOLD_AS_WELL = _TOLD.replace("None", "False").replace("none", "one")

_LEAD = "A\n===\n\n.. _b:\n\nB\n---\n\nb\n"

KEPT: dict[str, tuple[str, Versions, str]] = {
    "strings whose text stands at the margin, and statements behind both": (
        "m.py",
        (
            "def f(n):\n    a(n)\n    b(n)\n    if n:\n        c(n)\n",
            f"def f(n):\n{_TOLD}    a(n)\n    b(n)\n    if n:\n        c(n)\n",
            f"def f(n):\n    a(n)\n    b(n)\n{_TOLD_AS_WELL}    if n:\n        c(n)\n",
        ),
        f"def f(n):\n{_TOLD}    a(n)\n    b(n)\n{_TOLD_AS_WELL}    if n:\n        c(n)\n",
    ),
    "a method of a class in which a string's text stands at the margin, and one of that name in another class": (
        "m.py",
        (
            f"{_CLASS}{_MORE}{_OTHER_CLASS}",
            f"{_CLASS}{_SAID}{_MORE}{_OTHER_CLASS}{_RUN}",
            f"{_CLASS}{_MORE}{_RUN}{_OTHER_CLASS}",
        ),
        f"{_CLASS}{_SAID}{_MORE}{_RUN}{_OTHER_CLASS}{_RUN}",
    ),
    "settings, which find their fields in the environment, and are made": (
        "m.py",
        (
            "class Settings(BaseSettings):\n    url: str\n\n\ndef f():\n    return 1\n",
            "class Settings(BaseSettings):\n    url: str\n    token: str\n\n\ndef f():\n    return 1\n",
            "class Settings(BaseSettings):\n    url: str\n\n\ndef f():\n    return Settings()\n",
        ),
        "class Settings(BaseSettings):\n    url: str\n    token: str\n\n\ndef f():\n    return Settings()\n",
    ),
    "a line in a string at the margin, which is given away in another way": (
        "m.py",
        (
            "def f(n):\n    with g(n) as h:\n        h.write(f'''\nimport a\n\nx = 1\n''')\n",
            "def f(n):\n    with g(n) as h:\n        h.write(f'''\nimport a\n\nx = 1\ny = 1\n''')\n",
            "def f(n):\n    n.write_text(f'''\nimport a\n\nx = 1\n''')\n",
        ),
        "def f(n):\n    n.write_text(f'''\nimport a\n\nx = 1\ny = 1\n''')\n",
    ),
    "sections with labels in front of one with a label": (
        "docs.rst",
        (
            f"{_LEAD}\n\n.. _c:\n\nC\n---\n\nc\n",
            f"{_LEAD}\n.. _m:\n\nM\n---\n\nm\n\n\n.. _c:\n\nC\n---\n\nc\n",
            f"{_LEAD}\n\n.. _n:\n\nN\n---\n\nn\n\n.. _c:\n\nC\n---\n\nc\n",
        ),
        f"{_LEAD}\n.. _m:\n\nM\n---\n\nm\n\n\n.. _n:\n\nN\n---\n\nn\n\n.. _c:\n\nC\n---\n\nc\n",
    ),
    "two handlers of a logger, which have names and no order": (
        "logging.yml",
        (
            "handlers:\n  console:\n    level: INFO\n",
            "handlers:\n  console:\n    level: INFO\n  file:\n    name: app.log\n",
            "handlers:\n  console:\n    level: INFO\n  mail:\n    to: ops\n",
        ),
        "handlers:\n  console:\n    level: INFO\n  file:\n    name: app.log\n  mail:\n    to: ops\n",
    ),
    "what a class inherits now, and what is new in it": (
        "m.py",
        (
            "class A(B):\n    x = 1\n\n    def is_on(self):\n        return 1\n\n    def y(self):\n        return 2\n",
            "class A(B):\n    x = 1\n\n    def is_on(self):\n        return 1\n\n    def y(self):\n        return 2\n"
            + _USES,
            "class A(C):\n    x = 1\n\n    def y(self):\n        return 2\n",
        ),
        "class A(C):\n    x = 1\n\n    def y(self):\n        return 2\n" + _USES,
    ),
    "a class with other bases, and what is new in it": (
        "m.py",
        (
            "class A(B):\n    x = 1\n    y = 1\n    z = 1\n    # end\n",
            "class A(B):\n    x = 1\n    y = 1\n    z = 1\n    # end\n    mine = 1\n",
            "class A(\n    C,\n    D,\n):\n    k = 1\n    l = 1\n    m = 1\n    # end\n",
        ),
        "class A(\n    C,\n    D,\n):\n    k = 1\n    l = 1\n    m = 1\n    # end\n    mine = 1\n",
    ),
    "a section and the end of the one before": (
        "README.md",
        (
            "# A\n\n## Docker\n\nRun `make up`.\n",
            "# A\n\n## Docker\n\nRun `make up`.\n\n## At home\n\nAsk.\n",
            "# A\n\n## Docker\n\nRun `make up`.\n\nStop it.\n",
        ),
        "# A\n\n## Docker\n\nRun `make up`.\n\nStop it.\n\n## At home\n\nAsk.\n",
    ),
    "a section and a line of a list": (
        "README.md",
        ("## A\n\n- a\n", "## A\n\n- a\n\n## B\n\nb\n", "## A\n\n- a\n- c\n"),
        "## A\n\n- a\n- c\n\n## B\n\nb\n",
    ),
    "a section and a row of a table": (
        "README.md",
        (
            "## A\n\n| a |\n|---|\n",
            "## A\n\n| a |\n|---|\n\n## B\n\nb\n",
            "## A\n\n| a |\n|---|\n| c |\n",
        ),
        "## A\n\n| a |\n|---|\n| c |\n\n## B\n\nb\n",
    ),
    "a section and a paragraph of reST": (
        "index.rst",
        (
            "A\n=\n\nB\n---\n\nb\n",
            "A\n=\n\nB\n---\n\nb\n\nC\n---\n\nc\n",
            "A\n=\n\nB\n---\n\nb\n\nd\n",
        ),
        "A\n=\n\nB\n---\n\nb\n\nd\n\nC\n---\n\nc\n",
    ),
    "a heading in a fence is none": (
        "README.md",
        ("```\na\n```\n", "```\n# x\na\n```\n", "```\na\n```\n\nend\n"),
        "```\n# x\na\n```\n\nend\n",
    ),
    "two routers": (
        "main.py",
        (APP, APP + "    app.include_router(users)\n", APP + "    app.include_router(orders)\n"),
        APP + "    app.include_router(users)\n    app.include_router(orders)\n",
    ),
    "two actions": (
        "ci.yml",
        (STEPS, STEPS + "  - uses: a/b@v1\n", STEPS + "  - uses: a/c@v1\n"),
        STEPS + "  - uses: a/b@v1\n  - uses: a/c@v1\n",
    ),
    "two keywords of a call": (
        "m.py",
        ("f(\n    a=1,\n)\n", "f(\n    a=1,\n    b=1,\n)\n", "f(\n    a=1,\n    c=1,\n)\n"),
        "f(\n    a=1,\n    b=1,\n    c=1,\n)\n",
    ),
    "two pins, one raised and one taken out": (
        "requirements.txt",
        ("a==1\nb==1\n", "a==2\nb==1\n", "a==1\n"),
        "a==2\n",
    ),
    "the same pin raised by both, and another by one": (
        "requirements.txt",
        ("a==1\nb==1\n", "a==2\nb==1\n", "a==2\nb==2\n"),
        "a==2\nb==2\n",
    ),
    "two targets": (
        "Makefile",
        ("a:\n\tx\n", "a:\n\tx\n\nb:\n\ty\n", "a:\n\tx\n\nc:\n\tz\n"),
        "a:\n\tx\n\nb:\n\ty\n\nc:\n\tz\n",
    ),
    "two items at the head of a list": (
        "README.md",
        ("# a\n\n- c\n\nText.\n", "# a\n\n- a\n- c\n\nText.\n", "# a\n\n- b\n- c\n\nText.\n"),
        "# a\n\n- a\n- b\n- c\n\nText.\n",
    ),
    "two patterns": (".gitignore", ("a\n", "a\nb\n", "a\nc\n"), "a\nb\nc\n"),
    "two labels": (
        "Dockerfile",
        ("FROM a\n", "FROM a\nLABEL b=1\n", "FROM a\nEXPOSE 80\n"),
        "FROM a\nLABEL b=1\nEXPOSE 80\n",
    ),
    "a section renamed, and a key in it": (
        "app.ini",
        (KEYS, KEYS + "port = 80\n", KEYS.replace("one", "first")),
        KEYS.replace("one", "first") + "port = 80\n",
    ),
    "a service and its list renamed, and an item in it": (
        "c.yml",
        (
            "web:\n  env:\n    - A=1\n    - B=2\n",
            "web:\n  env:\n    - A=1\n    - B=2\n    - C=3\n",
            "api:\n  environment:\n    - A=1\n    - B=2\n",
        ),
        "api:\n  environment:\n    - A=1\n    - B=2\n    - C=3\n",
    ),
    "a class renamed, and fields in it": (
        "m.py",
        (
            FIELDS,
            FIELDS + "    mine = 1\n",
            FIELDS.replace("class A:\n", "class B(C):\n    yours = 2\n"),
        ),
        FIELDS.replace("class A:\n", "class B(C):\n    yours = 2\n") + "    mine = 1\n",
    ),
    "a section in front of the user's": (
        "app.ini",
        (
            "[one]\na = 1\n\n[two]\nb = 2\n",
            "[one]\na = 1\n\n[two]\nb = 2\nmine = 3\n",
            "[one]\na = 1\n\n[new]\nx = 1\n\n[two]\nb = 2\n",
        ),
        "[one]\na = 1\n\n[new]\nx = 1\n\n[two]\nb = 2\nmine = 3\n",
    ),
    "a line of a list, where the first was reworded": (
        "README.md",
        ("- one a\n- two\n", "- one a\n- two\n- mine\n", "- one b\n- two\n- yours\n"),
        "- one b\n- two\n- mine\n- yours\n",
    ),
    "a field that was moved, and one that is new": (
        "m.py",
        (
            "class A(B):\n    a = 1\n    b = 2\n    c = 3\n    d = 4\n",
            "class A(B):\n    a = 1\n    b = 2\n    c = 3\n    mine = 5\n    d = 4\n",
            "class A(B):\n    b = 2\n    c = 3\n    a = 1\n    d = 4\n",
        ),
        "class A(B):\n    b = 2\n    c = 3\n    mine = 5\n    a = 1\n    d = 4\n",
    ),
    "tables of one name below two others": (
        "pyproject.toml",
        (
            "[tool.a]\nx = 1\n\n[tool.b]\ny = 1\n\n[tool.c]\n",
            "[tool.a]\nx = 1\n\n[tool.a.port]\nlevel = 1\n\n[tool.b]\ny = 1\n\n[tool.c]\n",
            "[tool.a]\nx = 1\n\n[tool.b]\ny = 1\n\n[tool.b.port]\nlevel = 2\n\n[tool.c]\n",
        ),
        "[tool.a]\nx = 1\n\n[tool.a.port]\nlevel = 1\n\n[tool.b]\ny = 1\n\n[tool.b.port]\nlevel = 2\n\n[tool.c]\n",
    ),
    "a setting behind one that was changed": (
        ".env",
        ("A=1\nHOST=1\n", "A=1\nHOST=1\nMINE=1\n", "A=1\nHOST=2\n"),
        "A=1\nHOST=2\nMINE=1\n",
    ),
    "a call behind one that was changed": (
        "m.py",
        ("a(1)\nlevel(1)\n", "a(1)\nlevel(1)\nmine()\n", "a(1)\nlevel(2)\n"),
        "a(1)\nlevel(2)\nmine()\n",
    ),
    "two overloads": (
        "m.py",
        (
            "a = 1\n",
            "a = 1\n@over\ndef f(): ...\n@over\ndef f(): ...\n",
            "a = 1\nb = 1\n",
        ),
        "a = 1\n@over\ndef f(): ...\n@over\ndef f(): ...\nb = 1\n",
    ),
}


@pytest.mark.parametrize(("path", "versions", "expected"), KEPT.values(), ids=KEPT)
def test_what_both_can_mean_is_merged(path: str, versions: Versions, expected: str) -> None:
    base, ours, theirs = map(text, versions)
    merged = resolve(path, base, ours, theirs)
    assert merged.content.decode() == expected
    assert merged.conflicts == 0


PAST: dict[str, tuple[str, Versions, str]] = {
    "from in front, behind a guard": (
        "main.py",
        (
            "def f():\n    level = 1\n    port = 2\n    if late:\n        return 8\n    b()\n",
            "def f():\n    level = 1\n    port = 2\n    if late:\n        return 8\n    call(7)\n    b()\n",
            "def f():\n    if late:\n        return 8\n    level = 1\n    port = 2\n    b()\n",
        ),
        "def f():\n    if late:\n        return 8\n    level = 1\n    port = 2\n    call(7)\n    b()\n",
    ),
    "from behind": (
        "main.js",
        (
            "function f() {\n  a();\n  b();\n  c();\n  log.open(1);\n  d();\n}\n",
            "function f() {\n  a();\n  log.open(1);\n  b();\n  c();\n  d();\n}\n",
            "function f() {\n  a();\n  call(7);\n  b();\n  c();\n  log.open(1);\n  d();\n}\n",
        ),
        "function f() {\n  a();\n  call(7);\n  log.open(1);\n  b();\n  c();\n  d();\n}\n",
    ),
}


@pytest.mark.parametrize(("path", "versions", "expected"), PAST.values(), ids=PAST)
def test_a_statement_that_was_moved_goes_past_none_that_is_new(
    path: str, versions: Versions, expected: str
) -> None:
    for merged in both_ways(path, *map(text, versions)):
        assert (merged.conflicts, merged.content.decode()) == (0, expected)


_LISTS = '[a]\nd = [\n    "k",\n]\nx = 1\n\n[b]\ny = 1\nd = [\n    "l",\n]\n'

TOLD: dict[str, tuple[str, Versions, tuple[int, str]]] = {
    "the same words at two places": (
        ".env",
        ("A=1\nB=2\nC=3\n", "A=1\nB=2\nC=3\nLEVEL=x\n", "A=1\nLEVEL=x\nB=2\nC=3\n"),
        (5, "LEVEL=x"),
    ),
    "one requirement in two lists, whatever its version": (
        "pyproject.toml",
        (
            _LISTS,
            _LISTS.replace('"k",\n', '"k",\n    "My.Lib>=1",\n'),
            _LISTS.replace('"l",\n', '"l",\n    "my-lib>=2",\n'),
        ),
        (12, '"my-lib>=2",'),
    ),
    "one setting in two sections: a side may have moved what both had brought": (
        "app.ini",
        (
            "[a]\nx = 1\n\n[b]\ny = 2\n",
            "[a]\nx = 1\nlevel = 8955\n\n[b]\ny = 2\n",
            "[a]\nx = 1\n\n[b]\nlevel = 8955\ny = 2\n",
        ),
        (6, "level = 8955"),
    ),
}


@pytest.mark.parametrize(("path", "versions", "said"), TOLD.values(), ids=TOLD)
def test_what_may_be_meant_once_is_told(
    path: str, versions: Versions, said: tuple[int, str]
) -> None:
    merged = resolve(path, *map(text, versions))
    assert merged.conflicts == 0
    assert [(doubt.line, doubt.text.decode()) for doubt in merged.doubts] == [said]


def test_a_settled_hunk_says_what_it_was_made_of() -> None:
    merged = resolve("notes.txt", b"a\nb\nz\n", b"A\nb\nmine\nz\n", b"A\nb\ntheirs\nz\n")
    assert merged.content == b"A\nb\nmine\ntheirs\nz\n"
    (settled,) = merged.settled
    assert settled.review.ours == (b"+mine\n",)
    assert settled.review.theirs == (b"+theirs\n",)
    assert settled.review.dropped == ()


@pytest.mark.parametrize("is_ours", [True, False])
def test_what_was_only_laid_out_is_told_once_with_what_it_gave_way_to(is_ours: bool) -> None:
    base, laid_out = b"x = [\n    1,\n    2,\n    3,\n]\n", b"x = [1, 2, 3]\n"
    edited = base.replace(b"1", b"10").replace(b"3", b"30")
    sides = (laid_out, edited) if is_ours else (edited, laid_out)
    merged = resolve("m.py", base, *sides)
    assert merged.content == edited
    (one,) = merged.settled
    assert (one.rule, one.line) == ("layout", 2)
    assert one.review.dropped == (laid_out,)
    assert (one.review.ours if is_ours else one.review.theirs)[-1] == b"+" + laid_out


def test_what_both_did_is_told_as_that() -> None:
    merged = resolve("requirements.txt", b"a==1\nb==1\n", b"a==2\nb==1\n", b"a==2\nb==2\n")
    review = merged.settled[-1].review
    assert review.both == (b"-a==1\n", b"+a==2\n")
    assert review.theirs == (b"-b==1\n", b"+b==2\n")


def test_a_long_line_is_read_in_one_go() -> None:
    """Seconds for a line mean hours for a file that somebody made smaller."""
    line = "<a id=x " * 6000
    versions = f"{line}\na\nb\n", f"{line}mine\na\nb\n", f"{line}\na\nc\n{line}yours\n"
    begun = process_time()
    resolve("page.html", *(version.encode() for version in versions))
    assert process_time() - begun < 5
