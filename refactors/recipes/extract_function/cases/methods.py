"""Code of methods."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.extract_function.cases.writing import case

METHODS: tuple[Case, ...] = (
    case(
        "a method's code becomes a method",
        "self.x += a",
        "class A:\n    def f(self, a):\n        self.x += a\n        return self.x\n\n    def g(self): ...\n",
        "class A:\n    def f(self, a):\n        self.extracted(a)\n        return self.x\n\n"
        "    def extracted(self, a):\n        self.x += a\n\n    def g(self): ...\n",
    ),
    case(
        "super() and private names go along",
        "super().f(self.__a)",
        "class B(A):\n    def f(self):\n        return super().f(self.__a)\n",
        "class B(A):\n    def f(self):\n        return self.extracted()\n\n"
        "    def extracted(self):\n        return super().f(self.__a)\n",
    ),
    case(
        "a class method's",
        "cls(a)",
        "class A:\n    @classmethod\n    def f(cls, a):\n        return cls(a)\n",
        "class A:\n    @classmethod\n    def f(cls, a):\n        return cls.extracted(a)\n\n"
        "    @classmethod\n    def extracted(cls, a):\n        return cls(a)\n",
    ),
    case(
        "a static method's",
        "a + 1",
        "class A:\n    @staticmethod\n    def f(a):\n        return a + 1\n",
        "class A:\n    @staticmethod\n    def f(a):\n        return A.extracted(a)\n\n"
        "    @staticmethod\n    def extracted(a):\n        return a + 1\n",
    ),
    case(
        "as a static method",
        "a + 1",
        "class A:\n    def f(self, a):\n        return a + 1\n",
        "class A:\n    def f(self, a):\n        return self.extracted(a)\n\n"
        "    @staticmethod\n    def extracted(a):\n        return a + 1\n",
        kind="static",
    ),
    case(
        "as a class method",
        "a + 1",
        "class A:\n    def f(self, a):\n        return a + 1\n",
        "class A:\n    def f(self, a):\n        return self.extracted(a)\n\n"
        "    @classmethod\n    def extracted(cls, a):\n        return a + 1\n",
        kind="class",
    ),
    case(
        "as a function",
        "self.x + a",
        "class A:\n    def f(self, a):\n        return self.x + a\n\n\nA().f(1)\n",
        "class A:\n    def f(self, a):\n        return extracted(self, a)\n\n\n"
        "def extracted(self, a):\n    return self.x + a\n\n\nA().f(1)\n",
        kind="function",
    ),
    case(
        "a decorator of unknown make may hand over something else as self: a function gets it",
        "self.x + 1",
        "from web import route\n\n\nclass A:\n    @route\n    def f(self):\n        return self.x + 1\n",
        "from web import route\n\n\nclass A:\n    @route\n    def f(self):\n        return extracted(self)\n\n\n"
        "def extracted(self):\n    return self.x + 1\n",
    ),
)
