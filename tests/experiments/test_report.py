"""The report page: whole without a network, opened and clicked in a browser where there is one."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from dmo import Evolve, fixed
from dmo.check import check_problem
from dmo.errors import ArgumentError, RecordError
from dmo.optimisers import NSGA2
from dmo.record import load
from experiments.cell import Cell, run_cell
from experiments.report import main
from experiments.report_charts import rebuilt
from problems.synthetic import DF1, DF2, DF13

SCHEDULE = fixed(evals=40, n_env=3)
SEARCHER = Evolve(optimiser=NSGA2(pop_size=20))


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    runs = tmp_path_factory.mktemp("runs")
    return [r.folder for r in run_cell(Cell(DF1(), SCHEDULE, SEARCHER), runs, seeds=2)]


@pytest.fixture(scope="module")
def page(folders, tmp_path_factory):
    out = tmp_path_factory.mktemp("pages") / "page.html"
    assert main([*map(str, folders), "--out", str(out)]) == 0
    return out


def test_the_page_holds_all_it_shows(page, folders):
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=[\"']?(https?:)?//", text)
    for folder in folders:
        assert folder.name in text
    assert "true front" in text
    assert text.count("<tr><td>") == 2


def test_a_browser_shows_it_and_its_slider_moves_the_front(page):
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (browser and driver):
        pytest.skip("needs chromium and chromedriver (apt-get install chromium chromium-driver)")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    options = webdriver.ChromeOptions()
    options.binary_location = browser
    quiet = ("background-networking", "component-update", "sync")  # it looks up nothing in the network
    for flag in (
        "headless",
        "no-sandbox",
        "no-first-run",
        *(f"disable-{q}" for q in ("gpu", "quic", *quiet)),
    ):
        options.add_argument(f"--{flag}")
    window = webdriver.Chrome(options=options, service=Service(driver))
    try:
        window.get(page.as_uri())
        wait = WebDriverWait(window, 60)
        wait.until(lambda w: w.find_elements(By.CSS_SELECTOR, "#front .slider-container"))
        assert len(window.find_elements(By.CSS_SELECTOR, "#metric .scatterlayer .trace")) == 2
        points = "return document.getElementById('front').data[1].x"
        first = window.execute_script(points)
        label = window.find_elements(By.CSS_SELECTOR, "#front .slider-label")[-1]
        window.execute_script("arguments[0].scrollIntoView({block: 'center'})", label)
        touch = window.find_element(By.CSS_SELECTOR, "#front .slider-rail-touch-rect")
        chain = webdriver.ActionChains(window)
        chain.move_to_element_with_offset(touch, touch.size["width"] // 2 - 3, 0).click().perform()
        wait.until(lambda w: w.execute_script(points) != first)
        window.find_element(By.CSS_SELECTOR, "details summary").click()
        assert "search_seconds" in window.find_element(By.CSS_SELECTOR, "details pre").text
    finally:
        window.quit()


def test_runs_that_do_not_compare_are_refused(folders, tmp_path):
    (other,) = run_cell(Cell(DF2(), SCHEDULE, SEARCHER), tmp_path)
    with pytest.raises(ArgumentError, match=r"RUN: expected runs of one problem"):
        main([str(folders[0]), str(other.folder)])


def test_what_is_no_record_is_refused(folders, tmp_path):
    with pytest.raises(RecordError, match=r"name one that holds run\.json"):
        main([str(tmp_path)])
    shutil.copytree(folders[0], tmp_path / "renamed")
    with pytest.raises(RecordError, match="give the folder its name back"):
        load(tmp_path / "renamed")


def test_only_our_own_problems_are_rebuilt_from_a_records_words(tmp_path):
    (record,) = run_cell(Cell(DF13(variant="code"), SCHEDULE, SEARCHER), tmp_path)
    again = rebuilt(record)
    assert again == DF13(variant="code")
    check_problem(again, times=[0.3])
    for target in ("os.system", "subprocess.Popen", "problems.synthetic._secret"):
        info = json.loads(json.dumps(dict(record.info)))
        info["config"]["problem"] = {"_target_": target, "dim": 3}
        foreign = type(record)(**{**vars(record), "info": info})
        assert rebuilt(foreign) is None
