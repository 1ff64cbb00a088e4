"""The judges of the fault tests can fail: each promise, broken alone, is found. Needs no program."""
import glob
import importlib.machinery
import importlib.util
import os
import sys
import unittest

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, FOLDER)
import fault_kit as kit  # noqa: E402


def load(name):
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"),
                                                  os.path.join(FOLDER, name))
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader(loader.name, loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


TESTS = {name: module for name in sorted(os.listdir(FOLDER))
         if os.access(os.path.join(FOLDER, name), os.X_OK) and "." not in name and
         os.path.isfile(os.path.join(FOLDER, name))
         for module in [load(name)] if hasattr(module, "PROMISES")}
BROKEN = {"<=": lambda limit: limit + 0.001, ">=": lambda limit: limit - 0.001,
          "==": lambda limit: "none" if isinstance(limit, str) else limit + 1}


class Promises(unittest.TestCase):
    def test_tests_are_found(self):
        self.assertGreaterEqual(len(TESTS), 4, glob.glob(f"{FOLDER}/*"))

    def test_figures_at_the_limits_keep_every_promise(self):
        for name, module in TESTS.items():
            with self.subTest(name):
                good = {figure: limit for figure, _, limit in module.PROMISES}
                self.assertEqual(len(good), len(module.PROMISES), "a figure has two promises")
                self.assertEqual(kit.judge(module.PROMISES, good), [])

    def test_each_promise_can_be_broken(self):
        for name, module in TESTS.items():
            good = {figure: limit for figure, _, limit in module.PROMISES}
            for figure, comparison, limit in module.PROMISES:
                for value in (BROKEN[comparison](limit), None):
                    with self.subTest(f"{name}: {figure} {value}"):
                        wrong = kit.judge(module.PROMISES, {**good, figure: value})
                        self.assertEqual(len(wrong), 1)
                        self.assertIn(figure, wrong[0])


class Measures(unittest.TestCase):
    def test_a_late_check_is_seen(self):
        self.assertAlmostEqual(kit.lateness_s([10.0, 11.0, 12.1, 13.0], 10, 1), 0.1)
        self.assertAlmostEqual(kit.lateness_s([10.5], 10, 1), 0.5)

    def test_a_check_that_never_came_makes_the_next_late(self):
        self.assertAlmostEqual(kit.lateness_s([10, 11, 13], 10, 1), 1)
        self.assertIsNone(kit.lateness_s([], 10, 1))

    def test_missed_checks_are_counted(self):
        rows = (([10, 11, 12, 13], 13.5, 0), ([10, 11, 12], 13.9, 0), ([10, 11], 13.5, 1),
                ([], 13.5, 3), ([10, 13], 13.2, 1))
        for times, ended, expected in rows:
            self.assertEqual(kit.missed(times, 10, ended, 1), expected, times)

    def test_a_percentile_is_one_of_the_values(self):
        self.assertEqual(kit.percentile(range(1, 101), 99), 100)
        self.assertEqual(kit.percentile(range(1, 101), 50), 51)
        self.assertEqual(kit.percentile([7], 99), 7)
        self.assertIsNone(kit.percentile([], 99))


if __name__ == "__main__":
    unittest.main()
