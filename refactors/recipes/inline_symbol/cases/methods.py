"""Methods, whose first argument is the receiver."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.inline_symbol.cases.writing import case

METHODS: tuple[Case, ...] = (
    case(
        "the receiver takes the place of self",
        "m.C.f",
        "class C:\n    def f(self, p):\n        return self.x + p\n\n"
        "    def g(self):\n        return self.f(1) * 2\n\n\nc = C()\nprint(c.f(3), C.f(c, 4))\n",
        "class C:\n    def g(self):\n        return (self.x + 1) * 2\n\n\nc = C()\nprint(c.x + 3, c.x + 4)\n",
    ),
    case(
        "a static and a class method",
        "m.C.f",
        "class C:\n    @classmethod\n    def f(cls, a):\n        return cls(a)\n\n    def g(self): ...\n\n\nC.f(1)\n",
        "class C:\n    def g(self): ...\n\n\nC(1)\n",
    ),
    case(
        "a private name, in the class only",
        "m.C.f",
        "class C:\n    def f(self):\n        return self.__x\n\n"
        "    def g(self):\n        return self.f()\n\n\nC().f()\n",
        "class C:\n    def f(self):\n        return self.__x\n\n"
        "    def g(self):\n        return self.__x\n\n\nC().f()\n",
        ["9"],
    ),
    case(
        "the only method of a class",
        "m.C.f",
        "class C:\n    @staticmethod\n    def f(a):\n        return a + 1\n\n\nprint(C.f(2))\n",
        "class C:\n    pass\n\n\nprint(2 + 1)\n",
    ),
    case(
        "another class has a method of the name, and code may take either",
        "m.A.stop",
        "class A:\n    def stop(self):\n        return self.x\n\n\nclass B:\n    def stop(self): ...\n\n\nA().stop()\n",
        "class A:\n    def stop(self):\n        return self.x\n\n\nclass B:\n    def stop(self): ...\n\n\nA().x\n",
        ["2"],
    ),
    case(
        "an object that may only look like one of the class",
        "m.A.f",
        "class A:\n    def f(self):\n        self.x = 1\n        return 2\n\n\nclass B(A):\n"
        "    def __getattr__(self, name): ...\n\n\nA().f()\ny = B().f()\n",
        "class A:\n    def f(self):\n        self.x = 1\n        return 2\n\n\nclass B(A):\n"
        "    def __getattr__(self, name): ...\n\n\nself = A()\nself.x = 1\ny = B().f()\n",
        ["12"],
    ),
    case(
        "a base outside the tree may call it",
        "m.C.run",
        "from web import View\n\n\nclass C(View):\n    def run(self):\n        return self.x\n\n    def g(self):\n"
        "        return self.run()\n",
        "from web import View\n\n\nclass C(View):\n    def run(self):\n        return self.x\n\n    def g(self):\n"
        "        return self.x\n",
        ["5"],
    ),
)
