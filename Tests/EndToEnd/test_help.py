"""Help, completions and the manual: of every verb that there is."""
import functools
import os
import re
import shutil
import subprocess
import tempfile

from thicket import COLUMNS, FOLDER, PROGRAM, SnapshotTest, alone


def verbs_below(path):
    """The verbs that the help lists below some words, as lists of words."""
    lines = alone(*path, "--help").lines
    if "SUBCOMMANDS:" not in lines:
        return [path] if path else []
    found = []
    for line in lines[lines.index("SUBCOMMANDS:") + 1:]:
        name = re.match(r"  ([a-z]+)\b", line)
        if name:
            found += verbs_below([*path, name[1]])
    return found


@functools.cache
def verbs():
    """All verbs, such as `config get`."""
    return [" ".join(path) for path in verbs_below([])]


class HelpTest(SnapshotTest):
    def test_help_of_every_verb(self):
        self.assertGreater(len(verbs()), 30)
        groups = {verb.split(" ")[0] for verb in verbs() if " " in verb}
        for verb in [*verbs(), *groups]:
            with self.subTest(verb):
                result = alone(*verb.split(" "), "--help")
                self.assertEqual((result.code, result.notes), (0, ""))
                self.assertIn(f"USAGE: thicket {verb}", result.output)
                # The line behind USAGE is folded by the terminal.
                too_long = [line for line in result.lines if len(line) > COLUMNS and not line.startswith("USAGE: ")]
                self.assertEqual(too_long, [])
                # What is said of an option is said once.
                for option in re.split(r"\n  (?=\S)", result.output):
                    self.assertLess(option.count("(default:"), 2, option)
                self.assertEqual(alone("help", *verb.split(" ")).output, result.output)
                if verb in verbs():
                    self.assertRegex(result.output, r"(?s)Examples?:.*?\bthicket\s+" + verb.replace(" ", r"\s+") + r"\b")

    def test_help_of_all(self):
        result = alone("--help")
        self.assert_fits(result)
        self.assert_snapshot("help", result.output)
        self.assertEqual(alone().output, result.output)
        self.assertRegex(alone("--version").output, r"^\d+\.\d+\.\d+\n$")

    def test_verbs_that_there_are_not(self):
        self.assertIn("there is no command 'statsu'; there is: status, nodes", alone("statsu").notes)
        result = alone("config", "got", "7")
        self.assertIn("there is no command 'config got'; there is: get, set", result.notes)
        self.assertEqual(result.code, 64)

    def test_completions(self):
        for shell in ("bash", "zsh", "fish"):
            result = alone("--generate-completion-script", shell)
            self.assertEqual(result.code, 0)
            for word in ("topology", "config", "clustering", "scenarios"):
                self.assertIn(word, result.output)
            # What cannot be parsed completes nothing; not every machine has every shell.
            if shutil.which(shell):
                subprocess.run([shell, "-n"], input=result.output, text=True, check=True, timeout=60)
        self.assertNotEqual(alone("--generate-completion-script", "csh").code, 0)

    def test_bash_completes_verbs(self):
        """As the shell would call it, behind `thicket sta`."""
        script = alone("--generate-completion-script", "bash").output
        for words, wanted in ((["thicket", "sta"], "status"), (["thicket", "config", "cl"], "clustering")):
            typed = " ".join(words)
            call = (f"COMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}; COMP_LINE='{typed}'; COMP_POINT={len(typed)}\n"
                    "compopt() { :; }\n_thicket thicket; printf '%s\\n' \"${COMPREPLY[@]}\"")
            process = subprocess.run(["bash", "--norc", "-c", script + "\n" + call], capture_output=True, text=True, timeout=60,
                                     env={**os.environ, "PATH": FOLDER + os.pathsep + os.environ["PATH"]}, check=False)
            self.assertIn(wanted, process.stdout.split(), process.stderr)

    def test_manual(self):
        """As `Udev/install` makes it, where the tool for that has been built."""
        tool = os.path.join(FOLDER, "generate-manual")
        if not os.access(tool, os.X_OK):
            self.skipTest("no generate-manual here: only a build of everything makes it")
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([tool, PROGRAM, "--multi-page", "-o", folder], check=True, timeout=60, stdout=subprocess.DEVNULL)
            pages = set(os.listdir(folder))
        self.assertLessEqual({f"thicket.{verb.replace(' ', '.')}.1" for verb in verbs()}, pages)


if __name__ == "__main__":
    import unittest
    unittest.main()
