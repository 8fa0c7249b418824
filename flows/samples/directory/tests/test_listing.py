import unittest

from directory.listing import first, listing


class ListingTest(unittest.TestCase):
    def test_names_are_sorted(self) -> None:
        self.assertEqual(listing([8, 7]), ["Ada", "Grace"])

    def test_first(self) -> None:
        self.assertEqual(first([8, 7]).number, 7)


if __name__ == "__main__":
    unittest.main()
